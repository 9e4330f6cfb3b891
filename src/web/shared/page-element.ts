/** A Lit element that renders into the page itself: one set of styles, plain roles and names, no shadow to pierce. */
import { LitElement } from 'lit'

/** Registers an element, once: done by the file that uses its tag. */
export function define(tag: string, element: CustomElementConstructor): void {
  if (customElements.get(tag) === undefined) customElements.define(tag, element)
}

export class PageElement extends LitElement {
  #ends: AbortController | null = null

  protected override createRenderRoot(): HTMLElement {
    return this
  }

  /** Aborted when the element leaves the page: every listener that it adds elsewhere ends with it. */
  protected get ends(): AbortSignal {
    this.#ends ??= new AbortController()
    return this.#ends.signal
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#ends?.abort()
    this.#ends = null
  }
}
