/** Both pages side by side, and what to do next. The only thing that it adds is the eye between the two screens. */
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { icon, mark } from '../shared/icon.ts'
import { PageElement } from '../shared/page-element.ts'
import { text, useEnglish, type StringKey } from '../shared/text.ts'
import { tryIt } from '../strings/en/try.ts'
import { loadDecoder } from '../phone/decode.ts'
import { readCode } from './eye.ts'
import { codeOn, readComputer, readPhone, watchFrame, watchWriting, type Computer, type Phone } from './frames.ts'
import { signVisitorIn } from './visitor.ts'

/** How long a new code may take to be on the screen after it was asked for. */
const CODE_WITHIN_MS = 10_000
const LOOK_EVERY_MS = 100
/** How long the phone may take to ask about the code that it was given. */
const ASKS_WITHIN_MS = 3_000

/** `linked`: the phone says so, and a press leads on to its chats. */
type Step = 'wait' | 'scan' | 'approve' | 'linked' | 'write' | 'done'
type Side = 'computer' | 'phone'
type Failure = 'unread' | 'sign_in' | 'rate_limited'

const STEPS = ['scan', 'approve', 'write'] as const
/** No numbers: the computer's page has steps of its own, which are numbered. */
const SIGNS = { scan: 'scan-qr-code', approve: 'shield-check', write: 'message-circle' } as const
/** How many of them are behind the visitor. */
const BEHIND: Readonly<Record<Step, number>> = { wait: 0, scan: 0, approve: 1, linked: 2, write: 2, done: 3 }

useEnglish(tryIt)

export class TryPage extends PageElement {
  static override properties: PropertyDeclarations = {
    step: { state: true },
    busy: { state: true },
    failure: { state: true },
    side: { state: true },
    news: { state: true },
  }

  declare private step: Step
  declare private busy: boolean
  declare private failure: Failure | null
  /** Which of the two is shown where there is room for one. */
  declare private side: Side
  /** The one on which something has happened that was not seen, there. */
  declare private news: Side | null
  /** The visitor has written since the link was made. */
  #wrote = false
  #watched: Computer['client'] | null = null

  constructor() {
    super()
    this.step = 'wait'
    this.busy = false
    this.failure = null
    this.side = 'computer'
    this.news = null
  }

  protected override firstUpdated(): void {
    for (const side of ['computer', 'phone'] as const) watchFrame(this.#frame(side), this.#look, this.ends)
  }

  /** Where one is shown at a time, it comes into sight as a whole. */
  protected override updated(changed: Map<string, unknown>): void {
    if (changed.get('side') !== undefined) this.querySelector('.try-panes')?.scrollIntoView({ block: 'end' })
  }

  protected override render(): TemplateResult {
    return html`
      <header class="try-header">
        <a class="brand" href="/">${mark()}<span>${text('app.name')}</span></a>
        <h1 class="sheet-title try-title">${text('try.title')}</h1>
        <p class="secondary try-about">${text('try.about')}</p>
        <button class="button outline try-again" type="button" @click=${this.#again}>
          ${icon('refresh-cw', 'small')}<span>${text('try.again')}</span>
        </button>
      </header>
      <main class="try-main">
        <div class="try-bar">
          <ol class="try-steps" aria-label=${text('try.steps')}>
            ${STEPS.map((step) => this.#stepItem(step))}
          </ol>
          <div class="try-action">${this.#action()}</div>
        </div>
        <div class="try-sides" role="group" aria-label=${text('try.show')}>
          ${this.#sideButton('computer', 'laptop')} ${this.#sideButton('phone', 'smartphone')}
        </div>
        <div class="try-panes" data-side=${this.side} data-step=${this.failure === 'sign_in' ? 'sign-in' : this.step}>
          <section class="laptop" aria-label=${text('try.computer')}>
            <div class="laptop-bar">
              <span class="lights" aria-hidden="true"></span>
              <h2 class="caption">${icon('laptop', 'small')}${text('try.computer')}</h2>
            </div>
            <iframe class="laptop-screen" id="try-computer" src="/try/browser" title=${text('try.computer')}></iframe>
          </section>
          <section class="phone" aria-label=${text('try.phone')}>
            <h2 class="visually-hidden">${text('try.phone')}</h2>
            <iframe class="phone-screen" id="try-phone" src="/try/phone" title=${text('try.phone')}></iframe>
          </section>
        </div>
      </main>
    `
  }

  #stepItem(step: (typeof STEPS)[number]): TemplateResult {
    const at = BEHIND[this.step]
    const mine = STEPS.indexOf(step)
    const state = mine < at ? 'done' : mine === at ? 'current' : 'next'
    return html`<li class="try-step ${state}" aria-current=${state === 'current' ? 'step' : nothing}>
      <span class="try-number" aria-hidden="true">${icon(state === 'done' ? 'check' : SIGNS[step], 'small')}</span>
      <span>
        <strong>
          ${state === 'done' ? html`<span class="visually-hidden">${text('try.step.done')}</span>` : nothing}
          ${text(`try.step.${step}`)}
        </strong>
        <small class="caption">${text(`try.step.${step}.hint`)}</small>
      </span>
    </li>`
  }

  #action(): TemplateResult {
    const say: StringKey = this.failure === null ? `try.say.${this.step}` : `try.failed.${this.failure}`
    const scanning = this.step === 'scan' || this.step === 'wait'
    return html`
      ${
        scanning
          ? html`<button
              class="button tall"
              type="button"
              ?disabled=${this.busy || this.step === 'wait'}
              @click=${this.#scan}
            >
              ${icon('scan-qr-code', 'small')}${text(this.busy ? 'try.scan.busy' : 'try.scan')}
            </button>`
          : nothing
      }
      <p class=${this.failure === null ? (scanning ? 'visually-hidden' : 'try-say') : 'error-text'} role="status">
        ${this.step === 'done' ? icon('check', 'small') : nothing}${text(say)}
      </p>
    `
  }

  #sideButton(side: Side, name: string): TemplateResult {
    return html`<button
      class="try-side"
      type="button"
      aria-pressed=${this.side === side}
      @click=${() => this.#show(side)}
    >
      ${icon(name, 'small')}${text(`try.${side}`)}
      ${this.news === side ? html`<span class="try-news"><span class="visually-hidden">${text('try.news')}</span></span>` : nothing}
    </button>`
  }

  /** What both screens show now is the step that the visitor is at. */
  #look = (): void => {
    const computer = readComputer(this.#frame('computer'))
    const before = this.step
    if (computer !== null && computer.client !== this.#watched) this.#watch(computer)
    if (computer?.view !== 'linked') this.#wrote = false
    this.step = stepOf(computer?.view ?? null, readPhone(this.#frame('phone')), this.#wrote)
    if (this.step === before) return
    this.failure = null
    // The decoder is fetched while the person reads.
    if (this.step === 'scan') void loadDecoder().catch(() => undefined)
    if (this.step === 'approve') this.#show('phone')
    if (this.step === 'write') this.#show('computer')
    if (this.step === 'linked' && this.side === 'phone') this.news = 'computer'
    if (this.step === 'done') this.news = this.side === 'phone' ? 'computer' : 'phone'
  }

  #show(side: Side): void {
    this.side = side
    if (this.news === side) this.news = null
  }

  #watch(computer: Computer): void {
    this.#watched = computer.client
    watchWriting(computer, () => {
      this.#wrote = true
      this.#look()
    })
  }

  #scan = async (): Promise<void> => {
    this.busy = true
    this.failure = null
    this.failure = await this.#scanWithPhone()
    // Until the phone asks there is nothing to press again, unless it does not come to that.
    const late = Date.now() + ASKS_WITHIN_MS
    while (this.failure === null && this.step === 'scan' && Date.now() < late) await pause()
    this.busy = false
  }

  async #scanWithPhone(): Promise<Failure | null> {
    if (readPhone(this.#frame('phone'))?.signedIn === false) {
      const failure = await signVisitorIn()
      if (failure === 'rate_limited') return failure
      if (failure === 'failed') return 'sign_in'
    }
    const picture = await this.#seeCode()
    const token = picture === null ? null : await readCode(picture)
    if (token === null) return 'unread'
    // As the system's camera opens it; replaced, because the history may hold no token (S16).
    this.#frame('phone').contentWindow?.location.replace(`/try/link#${token}`)
    this.#show('phone')
    return null
  }

  /** The code on the computer's screen; wakes the page where it rests. */
  async #seeCode(): Promise<HTMLImageElement | null> {
    const late = Date.now() + CODE_WITHIN_MS
    const computer = readComputer(this.#frame('computer'))
    if (computer !== null && computer.view !== 'code') computer.client.wake()
    for (;;) {
      const picture = codeOn(this.#frame('computer'))
      if (picture !== null || Date.now() > late) return picture
      await pause()
    }
  }

  /** Unlinks the computer, brings the phone back to its first screen, and shows a code. */
  #again = async (): Promise<void> => {
    this.failure = null
    this.#show('computer')
    this.news = null
    this.#frame('phone').contentWindow?.location.replace('/try/phone')
    const computer = readComputer(this.#frame('computer'))
    if (computer === null) return
    if (computer.view === 'linked') await computer.client.unlink()
    if (computer.view !== 'code') computer.client.wake()
  }

  #frame(side: Side): HTMLIFrameElement {
    return this.querySelector<HTMLIFrameElement>(`#try-${side}`)!
  }
}

customElements.define('try-page', TryPage)

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
}

function stepOf(view: string | null, phone: Phone | null, wrote: boolean): Step {
  // The computer may know of the approval before the phone has its answer.
  if (view === 'scanned' || phone?.asks) return 'approve'
  if (view === 'linked') return wrote ? 'done' : phone?.says ? 'linked' : 'write'
  return view === 'code' || view === 'idle' || view === 'unlinked' ? 'scan' : 'wait'
}
