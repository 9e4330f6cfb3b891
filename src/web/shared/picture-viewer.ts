/**
 * The pictures of a conversation, one at a time over the whole window: fitted, zoomed and moved by buttons, keys, wheel and
 * fingers. Escape closes it, and the keyboard goes back to the picture in its message.
 */
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import type { Stream } from '../../client/stream.ts'
import { mediaKind } from '../../protocol/media-types.ts'
import type { Media, Message } from '../../protocol/model.ts'
import { icon } from './icon.ts'
import { nameOf } from './media-words.ts'
import { authorOf } from './message-quote.ts'
import { messageWords } from './message-words.ts'
import { define, PageElement } from './page-element.ts'
import { text } from './text.ts'
import { stepButton, viewerBar } from './viewer-bar.ts'
import { watchFingers } from './viewer-fingers.ts'
import { FIT, fitted, largestScale, moved, zoomed, type Placing, type Size } from './viewer-zoom.ts'

/** One press of a button or a key. */
const ZOOM_STEP = 1.5
const DOUBLE_SCALE = 2.5
const MOVE_STEP = 80
/** A notch of a mouse's wheel is about a hundred pixels. */
const WHEEL_PIXELS = 300
/** Beside the picture, for the buttons to the next, where the window is wider than a telephone's. */
const BESIDE = 72
const NARROW = 760
const FALLBACK: Size = { width: 1600, height: 1200 }

export interface ViewerOptions {
  stream: Stream
  conversation: string
  /** Of the message to begin with. */
  id: string
  /** Where the keyboard goes afterwards, if its row is still there. */
  from: HTMLElement | null
}

class PictureViewer extends PageElement {
  static override properties: PropertyDeclarations = {
    shown: { state: true },
    placing: { state: true },
    loaded: { state: true },
    failed: { state: true },
    fresh: { state: true },
  }

  declare options: ViewerOptions
  /** The message whose picture is shown. */
  declare private shown: Message
  declare private placing: Placing
  declare private loaded: boolean
  declare private failed: boolean
  /** Instead of an address that has expired. */
  declare private fresh: Media | null
  #closed = Promise.withResolvers<void>()

  constructor() {
    super()
    this.placing = FIT
    this.loaded = false
    this.failed = false
    this.fresh = null
  }

  open(options: ViewerOptions): Promise<void> {
    this.options = options
    const first = this.#pictures().find(({ id }) => id === options.id)
    if (first === undefined) return Promise.resolve()
    this.shown = first
    document.body.append(this)
    return this.#closed.promise
  }

  override connectedCallback(): void {
    super.connectedCallback()
    // A picture that is taken back meanwhile goes from here, too; and all do on signing out.
    const end = this.options.stream.subscribe(() => {
      if (this.#pictures().some(({ id }) => id === this.shown.id)) this.requestUpdate()
      else this.#dialog?.close()
    })
    this.ends.addEventListener('abort', end)
    addEventListener('resize', this.#fit, { signal: this.ends })
  }

  protected override firstUpdated(): void {
    this.#dialog?.showModal()
    this.querySelector<HTMLElement>('.viewer-close')?.focus()
    const stage = this.querySelector<HTMLElement>('.viewer-stage')
    if (stage === null) return
    stage.addEventListener('wheel', this.#onWheel, { passive: false, signal: this.ends })
    watchFingers(
      stage,
      {
        zoom: (factor, at) => this.#zoom(this.placing.scale * factor, at),
        move: (by) => {
          this.placing = moved(this.placing, by, this.#size, this.#stage)
        },
        swipe: (steps) => {
          if (this.placing.scale === 1) this.#go(steps)
        },
      },
      this.ends,
    )
  }

  protected override updated(): void {
    const picture = this.querySelector<HTMLElement>('.viewer-picture')
    if (picture === null) return
    const { scale, x, y } = this.placing
    const { width, height } = fitted(this.#size, this.#stage)
    picture.style.inlineSize = `${width}px`
    picture.style.blockSize = `${height}px`
    picture.style.transform = `translate(${x}px, ${y}px) scale(${scale})`
  }

  protected override render(): TemplateResult {
    const { shown, placing } = this
    const { state } = this.options.stream
    const pictures = this.#pictures()
    const at = pictures.findIndex(({ id }) => id === shown.id)
    const author = authorOf(shown, state)
    const media = this.fresh ?? shown.media!
    return html`<dialog
      class="viewer"
      aria-label=${text('media.viewer', { name: author })}
      @close=${this.#onClose}
      @keydown=${this.#onKeydown}
    >
      ${viewerBar(shown, media, {
        author,
        count: pictures.length > 1 ? text('media.viewer.count', { n: at + 1, total: pictures.length }) : '',
        onOut: placing.scale > 1 ? () => this.#zoom(placing.scale / ZOOM_STEP) : null,
        onIn:
          placing.scale < largestScale(this.#size, this.#stage) ? () => this.#zoom(placing.scale * ZOOM_STEP) : null,
        onClose: () => this.#dialog?.close(),
      })}
      <div
        class="viewer-stage ${placing.scale > 1 ? 'zoomed' : ''}"
        @dblclick=${this.#onDoubleClick}
        @click=${this.#onClick}
      >
        ${this.#picture(media)} ${at > 0 ? stepButton('older', () => this.#go(-1)) : nothing}
        ${at < pictures.length - 1 ? stepButton('newer', () => this.#go(1)) : nothing}
      </div>
      ${shown.text === undefined ? nothing : html`<div class="viewer-caption">${messageWords(shown.text)}</div>`}
    </dialog>`
  }

  #picture(media: Media): TemplateResult {
    if (this.failed) {
      return html`<div class="media-failed">
        ${icon('image-off')}
        <span>${text('media.expired')}</span>
        <button class="button quiet" type="button" @click=${() => void this.#renew()}>
          ${text('media.expired.action')}
        </button>
      </div>`
    }
    const name = nameOf(media)
    return html`<div class="viewer-picture ${this.loaded ? 'loaded' : ''}">
      ${media.thumb === undefined || this.loaded ? nothing : html`<img src=${media.thumb} alt="" draggable="false" />`}
      <img
        class="viewer-whole"
        src=${media.url}
        alt=${name}
        draggable="false"
        @load=${() => {
          this.loaded = true
        }}
        @error=${async () => {
          const { shown, fresh } = this
          if (fresh === null) await this.#renew()
          if (this.shown === shown && (this.fresh?.url ?? media.url) === media.url) this.failed = true
        }}
      />
    </div>`
  }

  get #dialog(): HTMLDialogElement | null {
    return this.querySelector('dialog')
  }

  get #stage(): Size {
    const stage = this.querySelector('.viewer-stage')
    const width = stage?.clientWidth || innerWidth
    return { width: width > NARROW ? width - 2 * BESIDE : width, height: stage?.clientHeight || innerHeight }
  }

  /** Known before the picture is there, where the message tells it. */
  get #size(): Size {
    const { width, height } = this.shown.media ?? {}
    if (width && height) return { width, height }
    const image = this.querySelector<HTMLImageElement>('.viewer-whole')
    return image?.naturalWidth ? { width: image.naturalWidth, height: image.naturalHeight } : FALLBACK
  }

  #pictures(): Message[] {
    const { stream, conversation } = this.options
    const messages = stream.state.threads.get(conversation)?.messages ?? []
    return messages.filter(({ media }) => media !== undefined && mediaKind(media.contentType) === 'image')
  }

  #go(steps: number): void {
    const pictures = this.#pictures()
    const next = pictures[pictures.findIndex(({ id }) => id === this.shown.id) + steps]
    if (next === undefined) return
    this.shown = next
    this.placing = FIT
    this.loaded = false
    this.failed = false
    this.fresh = null
    // The button that was pressed is gone at either end.
    void this.updateComplete.then(this.#holdFocus)
  }

  #holdFocus = (): void => {
    if (!this.contains(document.activeElement)) this.querySelector<HTMLElement>('.viewer-close')?.focus()
  }

  #fit = (): void => {
    this.placing = moved(this.placing, { x: 0, y: 0 }, this.#size, this.#stage)
    this.requestUpdate()
  }

  /** @param at in pixels from the middle of the stage */
  #zoom(scale: number, at = { x: 0, y: 0 }): void {
    this.placing = zoomed(this.placing, scale, at, this.#size, this.#stage)
  }

  #fromMiddle({ clientX, clientY }: MouseEvent): { x: number; y: number } {
    const { left, top, width, height } = this.querySelector('.viewer-stage')!.getBoundingClientRect()
    return { x: clientX - left - width / 2, y: clientY - top - height / 2 }
  }

  #onWheel = (event: WheelEvent): void => {
    event.preventDefault()
    this.#zoom(this.placing.scale * Math.exp(-event.deltaY / WHEEL_PIXELS), this.#fromMiddle(event))
  }

  #onDoubleClick = (event: MouseEvent): void => {
    if ((event.target as Element).closest('button') !== null) return
    this.#zoom(this.placing.scale > 1 ? 1 : DOUBLE_SCALE, this.#fromMiddle(event))
  }

  /** Beside the picture is out. */
  #onClick = (event: MouseEvent): void => {
    if (event.target === event.currentTarget && this.placing.scale === 1) this.#dialog?.close()
  }

  #onKeydown = (event: KeyboardEvent): void => {
    const { scale } = this.placing
    const onwards = getComputedStyle(this).direction === 'rtl' ? -1 : 1
    const keys: Readonly<Record<string, () => void>> = {
      '+': () => this.#zoom(scale * ZOOM_STEP),
      '=': () => this.#zoom(scale * ZOOM_STEP),
      '-': () => this.#zoom(scale / ZOOM_STEP),
      '0': () => this.#zoom(1),
      PageUp: () => this.#go(-1),
      PageDown: () => this.#go(1),
      ArrowLeft: () => (scale > 1 ? this.#move(MOVE_STEP, 0) : this.#go(-onwards)),
      ArrowRight: () => (scale > 1 ? this.#move(-MOVE_STEP, 0) : this.#go(onwards)),
      ArrowUp: () => this.#move(0, MOVE_STEP),
      ArrowDown: () => this.#move(0, -MOVE_STEP),
    }
    const press = keys[event.key]
    if (press === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    press()
  }

  #move(x: number, y: number): void {
    this.placing = moved(this.placing, { x, y }, this.#size, this.#stage)
  }

  async #renew(): Promise<void> {
    const { id } = this.shown
    const answer = await this.options.stream.request({ type: 'media', id: this.shown.media!.id }).catch(() => null)
    if (this.shown.id !== id) return
    this.fresh = typeof answer?.media === 'object' ? answer.media : null
    this.failed = this.fresh === null
  }

  #onClose = (): void => {
    this.remove()
    const { from } = this.options
    if (from?.isConnected) from.focus({ preventScroll: true })
    this.#closed.resolve()
  }
}

/** @returns when it is closed */
export function openPictureViewer(options: ViewerOptions): Promise<void> {
  return new PictureViewer().open(options)
}

define('picture-viewer', PictureViewer)
