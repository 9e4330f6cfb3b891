/** The scan screen: the camera, a picture, a pasted link or a typed code. It only reads; what was read is told up. */
import { html, nothing, type TemplateResult } from 'lit'
import { readLinkToken } from '../../client/phone-link.ts'
import { icon } from '../shared/icon.ts'
import { createCamera, type CameraProblem } from './camera.ts'
import { decodePicture, loadDecoder, type Decode } from './decode.ts'
import { PhoneElement, takeField } from './element.ts'
import { FOREIGN, HINT, PROBLEMS, SLOW } from './scan-words.ts'
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
  declare hint: string
  declare torch: boolean
  declare hasTorch: boolean
  declare entering: boolean
  /** What is wrong with what was entered. */
  declare entered: string
  declare reading: boolean

  #camera = createCamera(() => this.#lost())
  #turn = 0
  #slowTimer: ReturnType<typeof setTimeout> | undefined
  #foreignTimer: ReturnType<typeof setTimeout> | undefined

  constructor() {
    super()
    this.notice = ''
    this.problem = null
    this.hint = HINT
    this.torch = false
    this.hasTorch = false
    this.entering = false
    this.entered = ''
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
      <section class="scan" aria-label="Scan a code">
        <video class="scan-video" muted playsinline aria-hidden="true" ?hidden=${this.problem !== null}></video>
        <header class="scan-top">
          <button class="icon-button scan-button" type="button" aria-label="Close" @click=${this.#close}>
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
        <p class="scan-hint" role="status">${this.reading ? 'Reading the picture…' : this.hint}</p>
        <div class="scan-frame" aria-hidden="true"></div>
      </div>
    `
  }

  #problemNotice(problem: CameraProblem | 'decoder'): TemplateResult {
    const { title, body, picture } = PROBLEMS[problem]
    return html`
      <div class="notice scan-problem" role="alert">
        ${icon('camera-off', 'large')}
        <h1 class="title">${title}</h1>
        <p>${body}</p>
        ${this.hint === HINT ? nothing : html`<p class="error-text" role="status">${this.hint}</p>`}
        <div class="actions">
          ${
            picture
              ? html`<button class="button" type="button" @click=${this.#pick}>Choose a picture</button>
                  <button class="button quiet" type="button" @click=${this.#enter}>Enter code</button>`
              : html`<button class="button" type="button" @click=${this.#start}>Try again</button>`
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
                ${icon(this.torch ? 'flashlight-off' : 'flashlight')}<span>Light</span>
              </button>`
            : nothing
        }
        <button class="scan-tool" type="button" @click=${this.#pick}>
          ${icon('image')}<span>Choose a picture</span>
        </button>
        <button class="scan-tool" type="button" @click=${this.#enter}>
          ${icon('keyboard')}<span>Enter code</span>
        </button>
      </footer>
    `
  }

  #enterDialog(): TemplateResult {
    return html`
      <dialog aria-labelledby="enter-title" @close=${() => (this.entering = false)}>
        <form @submit=${this.#enteredCode}>
          <h2 class="sheet-title" id="enter-title">Enter code</h2>
          <label class="labelled">
            <span>The link behind the code, or the 8 characters on the screen</span>
            <input
              class="field"
              name="code"
              autocomplete="off"
              autocapitalize="none"
              spellcheck="false"
              aria-invalid=${this.entered !== ''}
              aria-describedby="enter-error"
            />
          </label>
          <p class="error-text" id="enter-error" role="alert">${this.entered}</p>
          <div class="actions">
            <button class="button quiet" type="button" @click=${this.#closeDialog}>Cancel</button>
            <button class="button">Continue</button>
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
    this.hint = HINT
    const video = this.querySelector('video')
    if (video === null) return
    const decoding = loadDecoder().catch(() => null)
    const problem = await this.#camera.start(video)
    if (mine !== this.#turn) return
    this.problem = problem
    if (problem !== null) return
    this.hasTorch = this.#camera.hasTorch()
    this.torch = false
    this.#slowTimer = setTimeout(() => (this.hint = SLOW), SLOW_AFTER_MS)
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
    else this.#say(FOREIGN)
  }

  #say(words: string): void {
    this.hint = words
    clearTimeout(this.#foreignTimer)
    this.#foreignTimer = setTimeout(() => (this.hint = HINT), FOREIGN_SHOWN_MS)
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
    if (texts === null) this.#say('That picture can’t be opened')
    else if (texts.length === 0) this.#say('No code found in that picture')
    else this.#read(texts)
  }

  #enter = (): void => {
    this.entered = ''
    this.entering = true
  }

  #closeDialog = (): void => this.querySelector('dialog')?.close()

  #enteredCode = (event: SubmitEvent): void => {
    const text = takeField(event, 'code')
    const token = readLinkToken(text, location.origin)
    const code = readTypedCode(text)
    if (token !== null) this.#found({ token })
    else if (code !== null) this.#found({ code })
    else this.entered = FOREIGN
  }

  #switchTorch = async (): Promise<void> => {
    this.torch = await this.#camera.setTorch(!this.torch)
  }

  #close = (): void => this.emit('phone-back', null)
}

function firstToken(texts: string[]): string | null {
  for (const text of texts) {
    const token = readLinkToken(text, location.origin)
    if (token !== null) return token
  }
  return null
}

customElements.define('phone-scan', PhoneScan)
