/** Files that were chosen, pasted or dropped, looked at before they go out: taken away, more added, words given along. */
import { html, nothing, render, type TemplateResult } from 'lit'
import { MEDIA_BYTES } from '../../protocol/limits.ts'
import { mediaKind } from '../../protocol/media-types.ts'
import { formatBytes } from './format.ts'
import { icon } from './icon.ts'
import { nameOf, shownName } from './media-words.ts'
import { text } from './text.ts'

export interface Review {
  /** Empty: nothing is to be sent. */
  files: readonly File[]
  /** What was typed; a draft again when nothing is sent. */
  caption: string
}

interface Shown {
  file: File
  /** Of a picture. */
  url: string | null
}

/** @param caption what was being written before @param signal closes it */
export function reviewFiles(files: readonly File[], caption: string, signal: AbortSignal): Promise<Review> {
  const dialog = document.createElement('dialog')
  dialog.className = 'file-sheet'
  dialog.setAttribute('aria-labelledby', 'file-sheet-title')
  let shown: readonly Shown[] = []
  let notice = ''
  add(files)
  document.body.append(dialog)
  if (shown.length > 0) dialog.showModal()
  dialog.querySelector('textarea')?.focus()
  const ends = new AbortController()
  for (const name of ['dragover', 'drop'] as const) {
    dialog.addEventListener(name, onDrop, { signal: ends.signal })
  }
  signal.addEventListener('abort', () => dialog.close(), { once: true, signal: ends.signal })

  return new Promise((resolve) => {
    dialog.addEventListener('close', done, { once: true })
    if (shown.length === 0) done()
    function done(): void {
      ends.abort()
      const sent = dialog.returnValue === 'send' ? shown.map(({ file }) => file) : []
      const words = dialog.querySelector('textarea')?.value ?? caption
      for (const { url } of shown) if (url !== null) URL.revokeObjectURL(url)
      dialog.remove()
      resolve({ files: sent, caption: words })
    }
  })

  function add(more: readonly File[]): void {
    const good = more.filter(({ size }) => size > 0 && size <= MEDIA_BYTES)
    notice = good.length === more.length ? '' : refusalOf(more)
    shown = [
      ...shown,
      ...good.map((file) => ({
        file,
        url: mediaKind(file.type) === 'image' ? URL.createObjectURL(file) : null,
      })),
    ]
    draw()
  }

  function remove(gone: Shown): void {
    if (gone.url !== null) URL.revokeObjectURL(gone.url)
    shown = shown.filter((other) => other !== gone)
    if (shown.length === 0) dialog.close()
    draw()
    dialog.querySelector('textarea')?.focus()
  }

  function onDrop(event: DragEvent): void {
    if (!event.dataTransfer?.types.includes('Files')) return
    event.preventDefault()
    if (event.type === 'drop') add([...event.dataTransfer.files])
  }

  function draw(): void {
    render(sheet(), dialog)
  }

  function sheet(): TemplateResult {
    return html`<form @submit=${onSubmit}>
      <h2 class="sheet-title" id="file-sheet-title">${text(titleOf(shown), { n: shown.length })}</h2>
      <ul class="attached ${shown.length === 1 ? 'single' : ''}">
        ${shown.map(attached)}
      </ul>
      ${
        notice === ''
          ? nothing
          : html`<p class="error-text caption" role="alert">
              ${icon('triangle-alert', 'small')}<span>${notice}</span>
            </p>`
      }
      <textarea
        class="field"
        rows="1"
        dir="auto"
        aria-label=${text('media.attached.caption')}
        placeholder=${text('media.attached.caption')}
        .defaultValue=${caption}
        @keydown=${onKeydown}
      ></textarea>
      <div class="actions">
        <input type="file" multiple hidden @change=${onChosen} />
        <button
          class="icon-button"
          type="button"
          aria-label=${text('media.attached.more')}
          title=${text('media.attached.more')}
          @click=${() => dialog.querySelector<HTMLInputElement>('input[type=file]')?.click()}
        >
          ${icon('plus')}
        </button>
        <span class="spring"></span>
        <button class="button quiet" type="button" @click=${() => dialog.close()}>${text('app.cancel')}</button>
        <button class="button" type="submit">${text('media.send')}</button>
      </div>
    </form>`
  }

  function attached(one: Shown): TemplateResult {
    const { file, url } = one
    const media = { contentType: file.type, name: file.name }
    return html`<li>
      ${
        url === null
          ? html`<p class="file-link">
              <span class="file-sign">${icon('file')}</span>
              <span
                ><bdi>${shownName(media, true)}</bdi><span class="media-facts">${formatBytes(file.size)}</span></span
              >
            </p>`
          : html`<img src=${url} alt=${nameOf(media)} />`
      }
      <button
        class="icon-button attached-remove"
        type="button"
        aria-label=${text('media.attached.remove', { name: nameOf(media) })}
        @click=${() => remove(one)}
      >
        ${icon('x', 'small')}
      </button>
    </li>`
  }

  function onChosen(event: Event): void {
    const input = event.target as HTMLInputElement
    add([...(input.files ?? [])])
    input.value = ''
  }

  function onKeydown(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    dialog.close('send')
  }

  function onSubmit(event: Event): void {
    event.preventDefault()
    dialog.close('send')
  }
}

function titleOf(shown: readonly Shown[]): 'media.attached.photos' | 'media.attached.title' {
  return shown.every(({ url }) => url !== null) ? 'media.attached.photos' : 'media.attached.title'
}

/** Which file is not taken and why; of several the first. */
export function refusalOf(files: readonly File[]): string {
  const large = files.find(({ size }) => size > MEDIA_BYTES)
  const refused = large ?? files.find(({ size }) => size === 0)
  if (refused === undefined) return ''
  // Isolated (Unicode's FSI, PDI): a name may run in the other direction.
  const name = `\u2068${shownName({ contentType: refused.type, name: refused.name }, true)}\u2069`
  return large === undefined
    ? text('media.empty', { name })
    : text('media.toobig.named', { name, n: MEDIA_BYTES / 1024 ** 2 })
}
