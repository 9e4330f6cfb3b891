/** The media of a message, by its kind; and a file of our own on its way out, with how far it is. */
import { html, nothing, type TemplateResult } from 'lit'
import type { Outgoing, OutgoingFile } from '../../client/store.ts'
import type { Stream } from '../../client/stream.ts'
import { mediaKind } from '../../protocol/media-types.ts'
import type { Message } from '../../protocol/model.ts'
import { formatBytes } from './format.ts'
import { formatLength } from './format-length.ts'
import { icon } from './icon.ts'
import './media-audio.ts'
import './media-file.ts'
import { frameClasses, frameStyle } from './media-picture.ts'
import './media-video.ts'
import { nameOf, shownName } from './media-words.ts'
import { keepPreview } from './sent-previews.ts'
import { text } from './text.ts'

/** Nothing where there is no media; its picture, a player or its link where there is. */
export function mediaOf(message: Message, stream: Stream): TemplateResult | typeof nothing {
  const { media } = message
  if (media === undefined) return nothing
  switch (mediaKind(media.contentType)) {
    case 'image':
      return html`<media-picture .message=${message} .media=${media} .stream=${stream}></media-picture>`
    case 'audio':
      return html`<media-audio .message=${message} .media=${media} .stream=${stream}></media-audio>`
    case 'video':
      return html`<media-video .message=${message} .media=${media} .stream=${stream}></media-video>`
    case 'file':
      return html`<media-file .message=${message} .media=${media} .stream=${stream}></media-file>`
  }
}

/** @param file - of `message` */
export function outgoingFile(message: Outgoing, file: OutgoingFile, stream: Stream): TemplateResult {
  const waiting = message.state === 'failed' ? nothing : uploading(message.id, file.progress, stream)
  return html`<div class="outgoing-file">
    ${file.preview === undefined ? fileWords(file, waiting) : preview(message.id, file, file.preview, waiting)}
  </div>`
}

/** How far it is, as a ring; within it the way to call it off, until all is there. */
function uploading(id: string, progress: number, stream: Stream): TemplateResult {
  const percent = Math.floor(progress * 100)
  return html`<span class="uploading">
    <progress
      class="visually-hidden"
      max="100"
      .value=${percent}
      aria-label=${text('media.uploading', { n: percent })}
    ></progress>
    <svg viewBox="0 0 44 44" aria-hidden="true">
      <circle cx="22" cy="22" r="20" pathLength="100"></circle>
      <circle
        class="done"
        cx="22"
        cy="22"
        r="20"
        pathLength="100"
        stroke-dasharray="${Math.max(4, percent)} 100"
      ></circle>
    </svg>
    ${
      progress === 1
        ? nothing
        : html`<button
            class="icon-button"
            type="button"
            aria-label=${text('media.cancel')}
            title=${text('media.cancel')}
            @click=${() => stream.discard(id)}
          >
            ${icon('x')}
          </button>`
    }
  </span>`
}

function preview(
  id: string,
  file: OutgoingFile,
  url: string,
  waiting: TemplateResult | typeof nothing,
): TemplateResult {
  if (mediaKind(file.contentType) === 'image') keepPreview(id, url)
  return html`<span class=${frameClasses(file)} .style=${frameStyle(file)}
    ><img class="loaded" src=${url} alt=${nameOf(file)} />${waiting}</span
  >`
}

function fileWords(file: OutgoingFile, waiting: TemplateResult | typeof nothing): TemplateResult {
  const { bytes, contentType, duration } = file
  const size = duration === undefined ? formatBytes(bytes) : formatLength(duration)
  const sign = icon(mediaKind(contentType) === 'audio' ? 'mic' : 'file')
  return html`<p class="file-link">
    ${waiting === nothing ? html`<span class="file-sign">${sign}</span>` : waiting}
    <span><bdi>${shownName(file)}</bdi><span class="media-facts">${size}</span></span>
  </p>`
}
