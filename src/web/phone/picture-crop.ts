/** The dialog in which a square is cut out of a picture: moved with a finger or the arrow keys, zoomed with a slider. */
import { html, render } from 'lit'
import { text } from '../shared/text.ts'
import { drawSquare, movedBy, squareOf, WHOLE, ZOOM_MOST, type View } from './square.ts'

/** Twice what is shown, for dense screens. */
const CANVAS_PIXELS = 512
/** How much of the square one arrow key moves. */
const KEY_STEP = 0.05
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

/** @returns the part that was chosen; null for none (Cancel, Escape, or `signal`) */
export function askForSquare(picture: ImageBitmap, signal: AbortSignal): Promise<View | null> {
  const dialog = document.createElement('dialog')
  dialog.setAttribute('aria-labelledby', 'crop-title')
  let view: View = WHOLE
  render(
    html`<form class="stack" method="dialog">
      <h2 class="sheet-title" id="crop-title">${text('phone.avatar.crop')}</h2>
      <canvas
        class="crop"
        width=${CANVAS_PIXELS}
        height=${CANVAS_PIXELS}
        tabindex="0"
        role="img"
        aria-label=${text('phone.avatar.crop.label')}
        @pointerdown=${onPress}
        @pointermove=${onDrag}
        @keydown=${onKey}
      ></canvas>
      <label class="labelled">
        <span>${text('phone.avatar.zoom')}</span>
        <input class="crop-zoom" type="range" min="1" max=${ZOOM_MOST} step="0.05" value="1" @input=${onZoom} />
      </label>
      <div class="actions">
        <button class="button quiet" type="button" @click=${() => dialog.close('')}>${text('app.cancel')}</button>
        <button class="button" value="yes">${text('phone.avatar.use')}</button>
      </div>
    </form>`,
    dialog,
  )
  const canvas = dialog.querySelector('canvas')
  document.body.append(dialog)
  dialog.showModal()
  show(view)

  return new Promise((resolve) => {
    signal.addEventListener('abort', () => dialog.close(''), { once: true })
    dialog.addEventListener(
      'close',
      () => {
        dialog.remove()
        resolve(dialog.returnValue === 'yes' ? view : null)
      },
      { once: true },
    )
  })

  function show(next: View): void {
    view = next
    if (canvas !== null) drawSquare(canvas, picture, view)
  }

  function move(right: number, down: number): void {
    show(movedBy(picture.width, picture.height, view, right, down))
  }

  function onPress(event: PointerEvent): void {
    canvas?.setPointerCapture(event.pointerId)
  }

  /** The picture follows the finger, so what is shown of it goes the other way. */
  function onDrag(event: PointerEvent): void {
    if (canvas === null || !canvas.hasPointerCapture(event.pointerId)) return
    const scale = squareOf(picture.width, picture.height, view).side / canvas.clientWidth
    move(-event.movementX * scale, -event.movementY * scale)
  }

  function onKey(event: KeyboardEvent): void {
    const arrow = ARROWS[event.key]
    if (arrow === undefined) return
    event.preventDefault()
    const step = squareOf(picture.width, picture.height, view).side * KEY_STEP
    move(arrow[0] * step, arrow[1] * step)
  }

  function onZoom(event: Event): void {
    show({ ...view, zoom: Number((event.target as HTMLInputElement).value) })
    move(0, 0)
  }
}
