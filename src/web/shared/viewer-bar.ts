/** What stands around a picture in the viewer: whose it is, and what can be done. */
import { html, nothing, type TemplateResult } from 'lit'
import { cleanFileName } from '../../protocol/file-names.ts'
import type { Media, Message } from '../../protocol/model.ts'
import { formatClock, formatDay } from './format.ts'
import { icon } from './icon.ts'
import { text } from './text.ts'

export interface BarOptions {
  author: string
  /** Which of how many; empty for the only one. */
  count: string
  /** Null where it goes no further. */
  onOut: (() => void) | null
  onIn: (() => void) | null
  onClose: () => void
}

/** @param media - of `message`, with an address that is good */
export function viewerBar({ sentAt }: Message, media: Media, options: BarOptions): TemplateResult {
  return html`<header class="viewer-bar">
    <p class="viewer-about">
      <bdi class="title">${options.author}</bdi>
      <span class="caption">${formatDay(sentAt, Date.now())} · ${formatClock(sentAt)}</span>
    </p>
    ${options.count === '' ? nothing : html`<span class="caption viewer-count" role="status">${options.count}</span>`}
    ${zoomButton('media.viewer.out', 'zoom-out', options.onOut)}
    ${zoomButton('media.viewer.in', 'zoom-in', options.onIn)}
    <a
      class="icon-button"
      href=${media.url}
      download=${cleanFileName(media.name) ?? ''}
      aria-label=${text('media.save')}
      title=${text('media.save')}
    >
      ${icon('download')}
    </a>
    <button
      class="icon-button viewer-close"
      type="button"
      aria-label=${text('app.close')}
      title=${text('app.close')}
      @click=${options.onClose}
    >
      ${icon('x')}
    </button>
  </header>`
}

/** To the picture before, or after. */
export function stepButton(which: 'older' | 'newer', onPress: () => void): TemplateResult {
  const label = text(`media.viewer.${which}`)
  return html`<button
    class="icon-button viewer-step ${which}"
    type="button"
    aria-label=${label}
    title=${label}
    @click=${onPress}
  >
    ${icon(which === 'older' ? 'chevron-left' : 'chevron-right')}
  </button>`
}

function zoomButton(
  key: 'media.viewer.in' | 'media.viewer.out',
  name: string,
  onPress: (() => void) | null,
): TemplateResult {
  const label = text(key)
  // Not `disabled`: the keyboard would lose its place at the last step.
  return html`<button
    class="icon-button viewer-zoom"
    type="button"
    aria-label=${label}
    title=${label}
    aria-disabled=${onPress === null ? 'true' : 'false'}
    @click=${onPress}
  >
    ${icon(name)}
  </button>`
}
