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
import { keepPreview, shownSize } from './media-picture.ts'
import './media-video.ts'
import { describeMedia } from './media-words.ts'
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
  const name = file.name ?? describeMedia(file)
  const percent = Math.floor(file.progress * 100)
  return html`<div class="outgoing-file">
    ${
      file.preview === undefined || mediaKind(file.contentType) === 'audio'
        ? fileWords(name, file)
        : preview(message.id, file, file.preview, name)
    }
    ${
      message.state === 'failed'
        ? nothing
        : html`<div class="uploading">
            <progress max="100" .value=${percent} aria-label=${text('media.uploading', { n: percent })}></progress>
            ${
              file.progress === 1
                ? nothing
                : html`<button class="link-button" type="button" @click=${() => stream.discard(message.id)}>
                    ${text('media.cancel')}
                  </button>`
            }
          </div>`
    }
  </div>`
}

function preview(id: string, file: OutgoingFile, url: string, name: string): TemplateResult {
  if (mediaKind(file.contentType) === 'image') keepPreview(id, url)
  const { width, height } = shownSize(file)
  return html`<span class="media-link"
    ><img class="loaded" src=${url} width=${width} height=${height} alt=${name}
  /></span>`
}

function fileWords(name: string, { bytes, contentType, duration }: OutgoingFile): TemplateResult {
  const size = duration === undefined ? formatBytes(bytes) : formatLength(duration)
  return html`<p class="file-link">
    ${icon(mediaKind(contentType) === 'audio' ? 'mic' : 'file')}
    <span><bdi>${name}</bdi><br /><span class="caption">${size}</span></span>
  </p>`
}
