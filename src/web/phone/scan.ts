/** The scan screen: the camera, a picture, a pasted link or a typed code. It only reads; what was read is told up. */
import { html, nothing, type TemplateResult } from 'lit'
import { readLinkToken } from '../../client/phone-link.ts'
import { icon } from '../shared/icon.ts'
import { text, type StringKey } from '../shared/text.ts'
import { createCamera, type CameraProblem } from './camera.ts'
import { decodePicture, loadDecoder, type Decode } from './decode.ts'
import { PhoneElement, takeField } from './element.ts'
import { PROBLEMS } from './scan-words.ts'
import { readTypedCode } from '../../client/phone-typed-code.ts'

/** Between two looks at the camera: quick to the eye, and a phone stays cool. */
const LOOK_EVERY_MS = 120
const SLOW_AFTER_MS = 8_000
const FOREIGN_SHOWN_MS = 3_000

export class PhoneScan extends PhoneElement {
  static override properties = {
    notice: { type: String },
    problem: { state: true },
    hint: { state: true },
    torch: { state: true },
    hasTorch: { state: true },
    entering: { state: true },
    entered: { state: true },
    reading: { state: true },
  }

  /** Why the person is here again, above the camera. */
  declare notice: string
  declare problem: CameraProblem | 'decoder' | null
  declare hint: StringKey
  declare torch: boolean
  declare hasTorch: boolean
  declare entering: boolean
  /** Whether what was entered is no code. */
  declare entered: boolean
  declare reading: boolean

  #camera = createCamera(() => this.#lost())
  #turn = 0
  #slowTimer: ReturnType<typeof setTimeout> | undefined
  #foreignTimer: ReturnType<typeof setTimeout> | undefined

  constructor() {
    super()
    this.notice = ''
    this.problem = null
    this.hint = 'phone.scan'
    this.torch = false
    this.hasTorch = false
    this.entering = false
    this.entered = false
    this.reading = false
  }

  override connectedCallback(): void {
    super.connectedCallback()
    // A hidden page must not keep a camera running.
    document.addEventListener('visibilitychange', () => (document.hidden ? this.#stop() : void this.#start()), {
      signal: this.ends,
    })
    addEventListener('pagehide', () => this.#stop(), { signal: this.ends })
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop()
  }

  protected override firstUpdated(): void {
    void this.#start()
  }

  protected override render(): TemplateResult {
    return html`
      <section class="scan" aria-label=${text('phone.scan.title')}>
        <video class="scan-video" muted playsinline aria-hidden="true" ?hidden=${this.problem !== null}></video>
        <header class="scan-top">
          <button class="icon-button scan-button" type="button" aria-label=${text('app.close')} @click=${this.#close}>
            ${icon('x')}
          </button>
        </header>
        ${this.problem === null ? this.#frame() : this.#problemNotice(this.problem)} ${this.#bar()}
        <input class="scan-file" type="file" accept="image/*" hidden @change=${this.#picked} />
        ${this.entering ? this.#enterDialog() : nothing}
      </section>
    `
  }

  #frame(): TemplateResult {
    return html`
      <div class="scan-middle">
        ${this.notice === '' ? nothing : html`<p class="scan-notice" role="alert">${this.notice}</p>`}
        <p class="scan-hint" role="status">${text(this.reading ? 'phone.scan.reading' : this.hint)}</p>
        <div class="scan-frame" aria-hidden="true"></div>
      </div>
    `
  }

  #problemNotice(problem: CameraProblem | 'decoder'): TemplateResult {
    const { title, body, picture } = PROBLEMS[problem]
    return html`
      <div class="notice scan-problem" role="alert">
        ${icon('camera-off', 'large')}
        <h1 class="title">${text(title)}</h1>
        <p>${text(body)}</p>
        ${this.hint === 'phone.scan' ? nothing : html`<p class="error-text" role="status">${text(this.hint)}</p>`}
        <div class="actions">
          ${
            picture
              ? html`<button class="button" type="button" @click=${this.#pick}>${text('phone.scan.picture')}</button>
                  <button class="button quiet" type="button" @click=${this.#enter}>${text('phone.scan.enter')}</button>`
              : html`<button class="button" type="button" @click=${this.#start}>${text('phone.again')}</button>`
          }
        </div>
      </div>
    `
  }

  #bar(): TemplateResult {
    return html`
      <footer class="scan-bar">
        ${
          this.hasTorch
            ? html`<button class="scan-tool" type="button" aria-pressed=${this.torch} @click=${this.#switchTorch}>
                ${icon(this.torch ? 'flashlight-off' : 'flashlight')}<span>${text('phone.scan.light')}</span>
              </button>`
            : nothing
        }
        <button class="scan-tool" type="button" @click=${this.#pick}>
          ${icon('image')}<span>${text('phone.scan.picture')}</span>
        </button>
        <button class="scan-tool" type="button" @click=${this.#enter}>
          ${icon('keyboard')}<span>${text('phone.scan.enter')}</span>
        </button>
      </footer>
    `
  }

  #enterDialog(): TemplateResult {
    return html`
      <dialog aria-labelledby="enter-title" @close=${() => (this.entering = false)}>
        <form @submit=${this.#enteredCode}>
          <h2 class="sheet-title" id="enter-title">${text('phone.scan.enter')}</h2>
          <label class="labelled">
            <span>${text('phone.enter.label')}</span>
            <input
              class="field"
              name="code"
              autocomplete="off"
              autocapitalize="none"
              spellcheck="false"
              aria-invalid=${this.entered}
              aria-describedby="enter-error"
            />
          </label>
          <p class="error-text" id="enter-error" role="alert">${this.entered ? text('phone.scan.foreign') : ''}</p>
          <div class="actions">
            <button class="button quiet" type="button" @click=${this.#closeDialog}>${text('app.cancel')}</button>
            <button class="button">${text('phone.continue')}</button>
          </div>
        </form>
      </dialog>
    `
  }

  protected override updated(): void {
    const dialog = this.querySelector('dialog')
    if (dialog !== null && !dialog.open) dialog.showModal()
  }

  #start = async (): Promise<void> => {
    const mine = ++this.#turn
    this.problem = null
    this.hint = 'phone.scan'
    const video = this.querySelector('video')
    if (video === null) return
    const decoding = loadDecoder().catch(() => null)
    const problem = await this.#camera.start(video)
    if (mine !== this.#turn) return
    this.problem = problem
    if (problem !== null) return
    this.hasTorch = this.#camera.hasTorch()
    this.torch = false
    this.#slowTimer = setTimeout(() => (this.hint = 'phone.scan.slow'), SLOW_AFTER_MS)
    const decode = await decoding
    if (mine !== this.#turn) return
    if (decode === null) {
      this.#stop()
      this.problem = 'decoder'
    } else void this.#look(video, decode, mine)
  }

  #stop(): void {
    this.#turn++
    clearTimeout(this.#slowTimer)
    clearTimeout(this.#foreignTimer)
    this.#camera.stop()
    const video = this.querySelector('video')
    if (video !== null) video.srcObject = null
  }

  #lost(): void {
    this.#stop()
    this.problem = 'busy'
  }

  async #look(video: HTMLVideoElement, decode: Decode, mine: number): Promise<void> {
    while (mine === this.#turn) {
      if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) {
        // A frame that cannot be read (the source changed under it) is a frame without a code.
        const texts = await decode(video).catch(() => [])
        if (mine !== this.#turn) return
        if (texts.length > 0) this.#read(texts)
      }
      await new Promise((resolve) => void setTimeout(resolve, LOOK_EVERY_MS))
    }
  }

  #read(texts: string[]): void {
    const token = firstToken(texts)
    if (token !== null) this.#found({ token })
    else this.#say('phone.scan.foreign')
  }

  #say(hint: StringKey): void {
    this.hint = hint
    clearTimeout(this.#foreignTimer)
    this.#foreignTimer = setTimeout(() => (this.hint = 'phone.scan'), FOREIGN_SHOWN_MS)
  }

  #found(code: { token: string } | { code: string }): void {
    this.#stop()
    navigator.vibrate?.(50)
    this.emit('phone-code', code)
  }

  #pick = (): void => this.querySelector<HTMLInputElement>('.scan-file')?.click()

  #picked = async (event: Event): Promise<void> => {
    const input = event.target as HTMLInputElement
    const file = input.files?.[0]
    input.value = ''
    if (file === undefined) return
    this.reading = true
    const texts = await decodePicture(file).catch(() => null)
    this.reading = false
    if (!this.isConnected) return
    if (texts === null) this.#say('phone.scan.unreadable')
    else if (texts.length === 0) this.#say('phone.scan.nocode')
    else this.#read(texts)
  }

  #enter = (): void => {
    this.entered = false
    this.entering = true
  }

  #closeDialog = (): void => this.querySelector('dialog')?.close()

  #enteredCode = (event: SubmitEvent): void => {
    const typed = takeField(event, 'code')
    const token = readLinkToken(typed, location.origin)
    const code = readTypedCode(typed)
    if (token !== null) this.#found({ token })
    else if (code !== null) this.#found({ code })
    else this.entered = true
  }

  #switchTorch = async (): Promise<void> => {
    this.torch = await this.#camera.setTorch(!this.torch)
  }

  #close = (): void => this.emit('phone-back', null)
}

function firstToken(texts: string[]): string | null {
  for (const read of texts) {
    const token = readLinkToken(read, location.origin)
    if (token !== null) return token
  }
  return null
}

customElements.define('phone-scan', PhoneScan)
