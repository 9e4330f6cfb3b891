/** The person's own picture: chosen or taken, cut to a square, uploaded on the stream, and then shown as theirs. */
import { html, nothing, type TemplateResult } from 'lit'
import type { PhoneApi } from '../../client/phone-api.ts'
import type { Stream } from '../../client/stream.ts'
import { UploadError } from '../../client/uploads.ts'
import type { AccountCard } from '../../protocol/model.ts'
import { avatar } from '../shared/avatar.ts'
import { icon } from '../shared/icon.ts'
import { upload } from '../shared/saved-files.ts'
import { text, type StringKey } from '../shared/text.ts'
import { PhoneElement } from './element.ts'
import { askForSquare } from './picture-crop.ts'
import { cutOut } from './square.ts'
import { sayErrorLine } from './words.ts'

/** A picture of a few dozen kilobytes that is not through by then is not worth more waiting. */
const UPLOAD_WITHIN_MS = 60_000

export class PhoneAvatarPicker extends PhoneElement {
  static override properties = {
    api: { attribute: false },
    account: { attribute: false },
    stream: { attribute: false },
    busy: { state: true },
    said: { state: true },
    problem: { state: true },
  }

  declare api: PhoneApi
  declare account: AccountCard
  declare stream: Stream
  declare private busy: boolean
  declare private said: string
  declare private problem: string

  constructor() {
    super()
    this.busy = false
    this.said = ''
    this.problem = ''
  }

  protected override render(): TemplateResult {
    const { name, avatar: picture } = this.account
    return html`
      <div class="avatar-large ${this.busy ? 'busy' : ''}">${avatar(name, picture)}</div>
      <div class="avatar-actions">
        ${this.#chooser('image', picture ? 'phone.avatar.change' : 'phone.avatar.add', false)}
        ${matchMedia('(pointer: coarse)').matches ? this.#chooser('camera', 'phone.avatar.take', true) : nothing}
        ${
          picture === undefined
            ? nothing
            : html`<button class="button quiet" type="button" ?disabled=${this.busy} @click=${this.#remove}>
                ${icon('trash-2', 'small')}${text('phone.avatar.remove')}
              </button>`
        }
      </div>
      <p class="secondary" role="status">${this.busy ? text('phone.avatar.saving') : this.said}</p>
      <p class="error-text" role="alert">${this.problem}</p>
    `
  }

  /** A button with its own file field, so that the press itself opens the system's chooser. */
  #chooser(symbol: string, words: StringKey, camera: boolean): TemplateResult {
    return html`<span>
      <button class="button quiet" type="button" ?disabled=${this.busy} @click=${openChooser}>
        ${icon(symbol, 'small')}${text(words)}
      </button>
      <input type="file" hidden accept="image/*" capture=${camera ? 'user' : nothing} @change=${this.#onChosen} />
    </span>`
  }

  #onChosen = async (event: Event): Promise<void> => {
    const input = event.target as HTMLInputElement
    const file = input.files?.[0]
    // The same picture may be chosen again.
    input.value = ''
    if (file === undefined || this.busy) return
    this.#say('')
    const picture = await createImageBitmap(file).catch(() => null)
    if (picture === null) return this.#say('', text('phone.avatar.unreadable'))
    try {
      const view = await askForSquare(picture, this.ends)
      const files = view === null ? null : await cutOut(picture, view)
      if (files !== null) await this.#save(files)
      else if (view !== null) this.#say('', text('phone.avatar.unreadable'))
    } finally {
      picture.close()
    }
  }

  async #save({ body, thumb }: { body: Blob; thumb: Blob | null }): Promise<void> {
    this.busy = true
    const media = await this.#upload(body, thumb)
    if (media !== null) await this.#show(media)
    this.busy = false
  }

  async #upload(body: Blob, thumb: Blob | null): Promise<string | null> {
    const signal = AbortSignal.any([this.ends, AbortSignal.timeout(UPLOAD_WITHIN_MS)])
    const attachment = {
      body,
      contentType: body.type,
      ...(thumb === null ? {} : { thumb: { body: thumb, contentType: thumb.type } }),
    }
    const { stream } = this
    try {
      return await upload(attachment, {
        request: (asked) => stream.request(asked),
        onProgress: () => undefined,
        signal,
      })
    } catch (error) {
      const unable = error instanceof UploadError && error.code === 'not_allowed'
      this.#say('', this.offline ? sayErrorLine('offline') : text(unable ? 'phone.avatar.off' : 'phone.avatar.failed'))
      return null
    }
  }

  #remove = async (): Promise<void> => {
    this.busy = true
    await this.#show(null)
    this.busy = false
  }

  async #show(media: string | null): Promise<void> {
    const answer = await this.api.changeAvatar(media)
    if (!answer.ok) return this.#say('', sayErrorLine(answer.code, answer.retryAfter))
    // The stream says it to every screen, this one too.
    this.#say(text(media === null ? 'phone.avatar.removed' : 'phone.avatar.saved'))
  }

  #say(words: string, problem = ''): void {
    this.said = words
    this.problem = problem
  }
}

/** The file field beside the button. */
function openChooser(event: Event): void {
  const button = event.currentTarget as HTMLElement
  button.parentElement?.querySelector('input')?.click()
}

customElements.define('phone-avatar-picker', PhoneAvatarPicker)
