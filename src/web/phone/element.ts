/** What the phone's screens share: a second hand, and typed events. */
import type { LinkCode } from '../../client/phone-link.ts'
import { PageElement } from '../shared/page-element.ts'
import type { Screen } from './screens.ts'

export abstract class PhoneElement extends PageElement {
  #ticking: ReturnType<typeof setInterval> | undefined
  #watching = false

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.tick(false)
    this.#watching = false
  }

  /** Draws again every second while something on the screen counts. */
  protected tick(on: boolean): void {
    if (on === (this.#ticking !== undefined) || (on && !this.isConnected)) return
    clearInterval(this.#ticking)
    this.#ticking = on ? setInterval(() => this.requestUpdate(), 1000) : undefined
  }

  /** Draws again when the network goes or comes back. @returns whether there is none now */
  protected get offline(): boolean {
    if (!this.#watching) {
      this.#watching = true
      const redraw = (): void => this.requestUpdate()
      for (const type of ['online', 'offline']) addEventListener(type, redraw, { signal: this.ends })
    }
    return !navigator.onLine
  }

  /** Tells the page, which listens on its root. */
  protected emit<K extends keyof PhoneEvents>(type: K, detail: PhoneEvents[K]): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true }))
  }
}

/** What screens tell the page. */
export interface PhoneEvents {
  /** Go to a screen. */
  'phone-go': Screen
  'phone-back': null
  /** A code was read: ask about it. */
  'phone-code': LinkCode
  'phone-sign-out': null
}

/** What stands in a field of the form that is being submitted. The page handles it, so nothing is sent. */
export function takeField(event: SubmitEvent, name: string): string {
  event.preventDefault()
  const value = new FormData(event.target as HTMLFormElement).get(name)
  return typeof value === 'string' ? value.trim() : ''
}
