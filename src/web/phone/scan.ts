/** The scan screen: the camera, a picture, a pasted link or a typed code. It only reads; what was read is told up. */
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { readLinkToken, type LinkCode } from '../../client/phone-link.ts'
import { icon } from '../shared/icon.ts'
import { text, type StringKey } from '../shared/text.ts'
import { createCamera } from './camera.ts'
import { decodePicture, loadDecoder } from './decode.ts'
import { PhoneElement } from './element.ts'
import { emblem } from './emblem.ts'
import './enter-code.ts'
import { lookThrough } from './look.ts'
import { PROBLEMS, type ScanProblem } from './scan-words.ts'

const SLOW_AFTER_MS = 8_000
const HINT_SHOWN_MS = 3_000

export class PhoneScan extends PhoneElement {
  static override properties = {
    notice: { type: String },
    entering: { type: Boolean },
    problem: { state: true },
    hint: { state: true },
    isSlow: { state: true },
    torch: { state: true },
    hasTorch: { state: true },
    reading: { state: true },
  }

  /** Why the person is here again, above the camera. */
  declare notice: string
  /** A code is being entered; the camera waits. */
  declare entering: boolean
  declare problem: ScanProblem | null
  /** What was last read, where it leads nowhere; for a moment. */
  declare hint: StringKey | null
  /** The camera has looked for a while and found nothing. */
  declare isSlow: boolean
  declare torch: boolean
  declare hasTorch: boolean
  declare reading: boolean

  #camera = createCamera(() => this.#lost())
  /** Ends the look through the camera that is under way. */
  #looking: AbortController | null = null
  #slowTimer: ReturnType<typeof setTimeout> | undefined
  #hintTimer: ReturnType<typeof setTimeout> | undefined

  constructor() {
    super()
    this.notice = ''
    this.entering = false
    this.problem = null
    this.hint = null
    this.isSlow = false
    this.torch = false
    this.hasTorch = false
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
    // Who came to enter a code is not asked for the camera meanwhile.
    if (!this.entering) void this.#start()
  }

  /** The notice that takes the bar's place holds its tools too: who is on one when the camera is refused stays on it. */
  protected override update(changed: PropertyValues): void {
    const focused = this.querySelector<HTMLElement>('[data-tool]:focus')
    super.update(changed)
    if (focused !== null && !focused.isConnected) this.#focusTool(focused.dataset.tool)
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
        ${this.problem === null ? this.#viewfinder() : this.#problemNotice(this.problem)}
        ${this.problem !== null && PROBLEMS[this.problem].picture ? nothing : this.#bar()}
        <input class="scan-file" type="file" accept="image/*" hidden @change=${this.#picked} />
        ${
          this.entering
            ? html`<phone-enter-code @enter-close=${this.#entered} @phone-code=${this.#stop}></phone-enter-code>`
            : nothing
        }
      </section>
    `
  }

  #viewfinder(): TemplateResult {
    const hint = this.reading ? 'phone.scan.reading' : (this.hint ?? (this.isSlow ? 'phone.scan.slow' : 'phone.scan'))
    return html`
      <div class="scan-middle">
        <p class="scan-hint ${this.hint === null ? '' : 'warn'}" role="status">${text(hint)}</p>
        <div class="scan-frame" aria-hidden="true"></div>
        ${this.notice === '' ? nothing : html`<p class="scan-notice" role="alert">${this.notice}</p>`}
      </div>
    `
  }

  #problemNotice(problem: ScanProblem): TemplateResult {
    const { title, body, picture } = PROBLEMS[problem]
    const hint = this.reading ? 'phone.scan.reading' : this.hint
    return html`
      <div class="notice scan-problem" role="alert">
        ${emblem('camera-off')}
        <h1 class="title">${text(title)}</h1>
        <p>${text(body)}</p>
        ${hint === null ? nothing : html`<p class="scan-said" role="status">${text(hint)}</p>`}
        <div class="actions">
          ${
            picture
              ? html`<button class="button" type="button" data-tool="picture" @click=${this.#pick}>
                    ${text('phone.scan.picture')}
                  </button>
                  <button class="button quiet" type="button" data-tool="enter" @click=${this.#enter}>
                    ${text('phone.scan.enter')}
                  </button>`
              : html`<button class="button" type="button" data-tool="again" @click=${this.#start}>
                  ${text('phone.again')}
                </button>`
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
            ? html`<button
                class="scan-tool"
                type="button"
                data-tool="light"
                aria-pressed=${this.torch}
                @click=${this.#switchTorch}
              >
                ${icon(this.torch ? 'flashlight-off' : 'flashlight')}<span>${text('phone.scan.light')}</span>
              </button>`
            : nothing
        }
        <button class="scan-tool" type="button" data-tool="picture" @click=${this.#pick}>
          ${icon('image')}<span>${text('phone.scan.picture')}</span>
        </button>
        <button class="scan-tool" type="button" data-tool="enter" @click=${this.#enter}>
          ${icon('keyboard')}<span>${text('phone.scan.enter')}</span>
        </button>
      </footer>
    `
  }

  #start = async (): Promise<void> => {
    this.#stop()
    const looking = new AbortController()
    this.#looking = looking
    this.problem = null
    const video = this.querySelector('video')
    if (video === null) return
    const loaded = loadDecoder().catch(() => null)
    const problem = await this.#camera.start(video)
    if (looking.signal.aborted) return
    this.problem = problem
    if (problem === 'denied') void this.#awaitPermission(looking.signal)
    if (problem !== null) return
    this.hasTorch = this.#camera.hasTorch()
    this.#slowTimer = setTimeout(() => (this.isSlow = true), SLOW_AFTER_MS)
    const decoder = await loaded
    if (looking.signal.aborted) return
    if (decoder === null) {
      this.#stop()
      this.problem = 'decoder'
    } else await lookThrough(video, decoder, (texts) => this.entering || this.#read(texts), looking.signal)
  }

  /** Somebody who changes the site's settings need not find a button afterwards. */
  async #awaitPermission(signal: AbortSignal): Promise<void> {
    // Not every browser knows this name (Firefox before 2024), and then the screen is opened again.
    const status = await navigator.permissions?.query({ name: 'camera' }).catch(() => null)
    status?.addEventListener('change', () => void this.#start(), { signal, once: true })
  }

  #stop = (): void => {
    this.#looking?.abort()
    this.#looking = null
    clearTimeout(this.#slowTimer)
    clearTimeout(this.#hintTimer)
    this.hint = null
    this.isSlow = false
    this.torch = false
    this.hasTorch = false
    this.#camera.stop()
    const video = this.querySelector('video')
    if (video !== null) video.srcObject = null
  }

  #lost(): void {
    this.#stop()
    this.problem = 'busy'
  }

  #read(texts: string[]): void {
    const token = firstToken(texts)
    if (token !== null) this.#found({ token })
    else this.#say('phone.scan.foreign')
  }

  #say(hint: StringKey): void {
    this.hint = hint
    clearTimeout(this.#hintTimer)
    this.#hintTimer = setTimeout(() => (this.hint = null), HINT_SHOWN_MS)
  }

  #found(code: LinkCode): void {
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
    this.entering = true
  }

  #entered = async (): Promise<void> => {
    this.entering = false
    await this.updateComplete
    // The browser gives the focus back to what opened the dialog, where that is still there.
    if (document.activeElement === document.body) this.#focusTool('enter')
    if (this.#looking === null && this.problem === null && this.isConnected) void this.#start()
  }

  /** The tool of that name, or the first where it is gone. */
  #focusTool(name = ''): void {
    const tool =
      this.querySelector<HTMLElement>(`[data-tool="${name}"]`) ?? this.querySelector<HTMLElement>('[data-tool]')
    tool?.focus()
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
