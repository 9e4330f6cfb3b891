/**
 * The code on the link screen: its picture in whole pixels, larger when it is pressed, and beneath it how long it stays.
 * Nothing moves but a ring, for the last five seconds of a code (WCAG 2.2.2).
 */
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import type { CompanionView } from '../../client/companion-state.ts'
import { icon } from '../shared/icon.ts'
import { PageElement } from '../shared/page-element.ts'
import { text } from '../shared/text.ts'
import { fitPicture } from './code-picture.ts'
import { waitingBox } from './link-panel.ts'

const RING_MS = 5_000
/** The ring of a code that lives shorter than this would never be at rest. */
const RING_LEAST_LIFE_MS = 10_000
/** Around the enlarged code, and for the words beneath it. CSS pixels. */
const ENLARGED_MARGIN = 8
const ENLARGED_WORDS = 88

export class LinkCode extends PageElement {
  static override properties: PropertyDeclarations = {
    view: { attribute: false },
    picture: { attribute: false },
    slow: { attribute: false },
    enlarged: { state: true },
    ending: { state: true },
  }

  declare view: CompanionView & { name: 'code' }
  /** Stays the one before until the newest can be painted whole. */
  declare picture: HTMLImageElement | null
  /** It takes long enough to say so. */
  declare slow: boolean
  onKeepShowing: () => void = () => undefined
  declare private enlarged: boolean
  /** The code's last seconds. */
  declare private ending: boolean
  #ringFor = 0
  #ringTimer: ReturnType<typeof setTimeout> | undefined

  constructor() {
    super()
    this.picture = null
    this.slow = false
    this.enlarged = false
    this.ending = false
  }

  override connectedCallback(): void {
    super.connectedCallback()
    // Zooming changes the pixels of the device, and says so as a resize.
    addEventListener('resize', this.#fit, { signal: this.ends })
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#ringTimer)
    this.#ringFor = 0
    this.enlarged = false
  }

  protected override willUpdate(): void {
    if (this.picture) this.picture.alt = text('link.code.alt')
    const { expiresAt, code } = this.view
    if (expiresAt === this.#ringFor) return
    this.#ringFor = expiresAt
    this.ending = false
    clearTimeout(this.#ringTimer)
    if (code.expiresAt - code.issuedAt < RING_LEAST_LIFE_MS) return
    this.#ringTimer = setTimeout(() => (this.ending = true), expiresAt - RING_MS - Date.now())
  }

  protected override updated(): void {
    this.#fit()
  }

  protected override render(): TemplateResult {
    if (this.picture === null) return waitingBox(this.slow)
    return html`
      <button class="code-box code" type="button" title=${text('link.code.larger')} @click=${this.#enlarge}>
        ${this.enlarged ? nothing : this.picture}
        <span class="visually-hidden">${text('link.code.larger')}</span>
      </button>
      ${this.enlarged ? nothing : this.#under()}
      <dialog class="enlarged" aria-label=${text('link.code.alt')} @close=${this.#closed}>
        <button class="enlarged-code" type="button" title=${text('link.code.smaller')} @click=${this.#shrink}>
          ${this.enlarged ? this.picture : nothing} <span class="enlarged-close">${icon('x')}</span>
          <span class="visually-hidden">${text('link.code.smaller')}</span>
        </button>
        ${this.enlarged ? this.#under() : nothing}
      </dialog>
    `
  }

  #under(): TemplateResult {
    if (this.view.last) {
      return html`<div class="under last">
        <p class="caption">${icon('clock', 'small')} ${text('link.last.title')}</p>
        <button class="button outline" type="button" @click=${this.#keepShowing}>${text('link.last.action')}</button>
      </div>`
    }
    const { code } = this.view
    const n = Math.round((code.expiresAt - code.issuedAt) / 1000)
    return html`<p class="under caption">
      ${
        this.ending
          ? html`<svg class="ring" viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="6"></circle></svg>`
          : nothing
      }
      <span>${text('link.caption', { n })}</span>
    </p>`
  }

  /** Its button goes, so the focus goes to what it was about. */
  #keepShowing = async (): Promise<void> => {
    this.onKeepShowing()
    await this.updateComplete
    this.querySelector<HTMLElement>(this.enlarged ? '.enlarged-code' : '.code-box')?.focus()
  }

  #enlarge = async (): Promise<void> => {
    this.enlarged = true
    await this.updateComplete
    this.querySelector('dialog')?.showModal()
    this.#fit()
  }

  #shrink = (): void => this.querySelector('dialog')?.close()

  #closed = (): void => void (this.enlarged = false)

  #fit = (): void => {
    if (this.picture === null) return
    const room = this.enlarged
      ? Math.min(innerWidth - 2 * ENLARGED_MARGIN, innerHeight - 2 * ENLARGED_MARGIN - ENLARGED_WORDS)
      : (this.querySelector('.code-box')?.clientWidth ?? 0)
    fitPicture(this.picture, room)
  }
}

customElements.define('link-code', LinkCode)
