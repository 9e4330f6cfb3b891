/** The media of a message, by its kind; and a file of our own on its way out, with how far it is. */
import { html, nothing, type TemplateResult } from 'lit'
import type { Outgoing, OutgoingFile } from '../../client/store.ts'
import type { Stream } from '../../client/stream.ts'
import { mediaKind } from '../../protocol/media-types.ts'
import type { Media } from '../../protocol/model.ts'
import { formatBytes } from './format.ts'
import { icon } from './icon.ts'
import './media-file.ts'
import { shownSize } from './media-picture.ts'
import './media-player.ts'
import { describeMedia } from './media-words.ts'
import { text } from './text.ts'

/** Nothing where there is no media; its picture, a player or its link where there is. */
export function mediaOf(media: Media | undefined, stream: Stream): TemplateResult | typeof nothing {
  if (media === undefined) return nothing
  switch (mediaKind(media.contentType)) {
    case 'image':
      return html`<media-picture .media=${media} .stream=${stream}></media-picture>`
    case 'audio':
    case 'video':
      return html`<media-player .media=${media} .stream=${stream}></media-player>`
    case 'file':
      return html`<media-file .media=${media} .stream=${stream}></media-file>`
  }
}

/** @param file - of `message` */
export function outgoingFile(message: Outgoing, file: OutgoingFile, stream: Stream): TemplateResult {
  const name = file.name ?? describeMedia(file)
  const percent = Math.floor(file.progress * 100)
  return html`<div class="outgoing-file">
    ${file.preview === undefined ? fileWords(name, file.bytes) : preview(file, file.preview, name)}
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

function preview(file: OutgoingFile, url: string, name: string): TemplateResult {
  const { width, height } = shownSize(file)
  return html`<span class="media-link"><img src=${url} width=${width} height=${height} alt=${name} /></span>`
}

function fileWords(name: string, bytes: number): TemplateResult {
  return html`<p class="file-link">
    ${icon('file')} <span><bdi>${name}</bdi><br /><span class="caption">${formatBytes(bytes)}</span></span>
  </p>`
}
