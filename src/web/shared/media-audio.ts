/** Sound in a message: play and pause, where it is, how long it is. What plays is the page's one player. */
import { html, nothing, svg, type PropertyDeclarations, type TemplateResult } from 'lit'
import type { Stream } from '../../client/stream.ts'
import type { Media, Message } from '../../protocol/model.ts'
import { formatBytes } from './format.ts'
import { formatLength, formatSpeed } from './format-length.ts'
import { icon } from './icon.ts'
import { MediaElement } from './media-element.ts'
import { nameOf, shownName } from './media-words.ts'
import { define } from './page-element.ts'
import {
  endPlayback,
  nextSpeed,
  pausePlayback,
  play,
  playbackOf,
  playbackSpeed,
  seekPlayback,
  watchPlayback,
} from './playback.ts'
import { text } from './text.ts'
import { BARS, peaksOf } from './voice-peaks.ts'

/** Of the slider, in seconds: fine enough for a short note, and arrow keys go ahead by it. */
const STEP = 0.1
const KEY_STEP = 5
/** Of a bar's place, in which it is drawn 2 wide and up to 24 high; silence is a dot, too. */
const BAR = 4
const LEAST = 0.08

const UNKNOWN: readonly number[] = Array.from({ length: BARS }, () => 0)

let stopWatching: (() => void) | undefined

class MediaAudio extends MediaElement {
  static override properties: PropertyDeclarations = { ...MediaElement.properties, peaks: { state: true } }

  /** How loud a voice message is along its way: dots until it is known, or where it cannot be; of other sounds nothing. */
  declare private peaks: readonly number[]
  /** Where to begin, while something else is played. */
  #from = 0
  #handled = false

  constructor() {
    super()
    this.peaks = []
  }

  override connectedCallback(): void {
    super.connectedCallback()
    watchPlayback(this.#onPlayback, this.ends)
  }

  protected override async firstUpdated(): Promise<void> {
    if (this.media.name !== undefined) return
    this.peaks = UNKNOWN
    const peaks = await peaksOf(this.media)
    if (peaks.length > 0) this.peaks = peaks
  }

  protected override updated(): void {
    const slider = this.querySelector('input')
    slider?.style.setProperty('--at', `${(100 * Number(slider.value)) / Number(slider.max)}%`)
  }

  protected override show(media: Media): TemplateResult {
    const playback = playbackOf(media.id)
    const length = media.duration ?? playback?.length ?? 0
    const at = Math.min(playback?.at ?? this.#from, length || Infinity)
    const playing = playback?.playing === true
    const name = nameOf(media)
    const words = text('media.audio.at', { at: formatLength(at), length: formatLength(length) })
    return html`<div class="audio" role="group" aria-label=${name}>
      <button
        class="icon-button audio-play"
        type="button"
        aria-label=${text(playing ? 'media.audio.pause' : 'media.audio.play')}
        @click=${this.#toggle}
      >
        ${icon(playing ? 'pause' : 'play')}
      </button>
      <div class="audio-line">
        ${media.name === undefined ? nothing : html`<bdi class="audio-name" title=${name}>${shownName(media)}</bdi>`}
        <div class="audio-row">
          <div class="audio-way">
            ${this.peaks.length === 0 ? nothing : this.#bars(at / (length || 1))}
            <input
              class=${this.peaks.length === 0 ? '' : 'over-bars'}
              type="range"
              min="0"
              max=${length || 1}
              step=${STEP}
              .value=${String(at)}
              ?disabled=${length === 0}
              aria-label=${text('media.audio.seek', { name })}
              aria-valuetext=${words}
              @input=${this.#onSeek}
              @keydown=${this.#onKeydown}
            />
          </div>
          ${
            media.name === undefined
              ? this.#speed()
              : html`<a
                  class="icon-button"
                  href=${media.url}
                  download=${name}
                  aria-label=${text('media.download', { name, size: formatBytes(media.bytes) })}
                  @click=${this.onSave}
                >
                  ${icon('download')}
                </a>`
          }
        </div>
        <span class="media-facts" aria-hidden="true">
          ${formatLength(playing || at > 0 ? at : length)}${media.name === undefined ? nothing : html` · <bdi>${formatBytes(media.bytes)}</bdi>`}
        </span>
      </div>
    </div>`
  }

  #speed(): TemplateResult {
    const speed = formatSpeed(playbackSpeed())
    return html`<button
      class="audio-speed"
      type="button"
      dir="ltr"
      aria-label=${text('media.audio.speed', { speed })}
      @click=${nextSpeed}
    >
      ${speed}
    </button>`
  }

  /** @param done how much of it was heard, from 0 to 1 */
  #bars(done: number): TemplateResult {
    const heard = Math.round(done * BARS)
    return html`<svg viewBox="0 0 ${BARS * BAR} 24" preserveAspectRatio="none" aria-hidden="true">
      ${[this.#drawn(0, heard), this.#drawn(heard, BARS)].map((strokes) => svg`<path d=${strokes} />`)}
    </svg>`
  }

  #drawn(from: number, to: number): string {
    return this.peaks
      .slice(from, to)
      .map((peak, index) => {
        const reach = Math.max(LEAST, peak) * 11
        return `M${(from + index) * BAR + BAR / 2} ${12 - reach}V${12 + reach}`
      })
      .join('')
  }

  #toggle = async (): Promise<void> => {
    if (playbackOf(this.media.id)?.playing === true) return pausePlayback()
    const known = this.fresh ?? this.media
    const media = known.expiresAt < Date.now() ? ((await this.renew()) ?? known) : known
    this.#handled = false
    endWith(this.stream, this.message)
    play(media.id, media.url, playbackOf(media.id)?.at ?? this.#from)
  }

  #onSeek = (event: Event): void => this.#goTo(Number((event.target as HTMLInputElement).value))

  /** By the slider's own step arrow keys would take a minute for a minute. */
  #onKeydown = (event: KeyboardEvent): void => {
    const forwards = getComputedStyle(this).direction === 'rtl' ? 'ArrowLeft' : 'ArrowRight'
    const step = event.key === forwards || event.key === 'ArrowUp' ? KEY_STEP : -KEY_STEP
    if (!event.key.startsWith('Arrow')) return
    event.preventDefault()
    const { value, max } = event.currentTarget as HTMLInputElement
    this.#goTo(Math.max(0, Math.min(Number(max), Number(value) + step)))
  }

  #goTo(at: number): void {
    if (playbackOf(this.media.id)) seekPlayback(at)
    else this.#from = at
    this.requestUpdate()
  }

  #onPlayback = (): void => {
    const playback = playbackOf(this.media.id)
    if (playback?.failed === true && !this.#handled) {
      // The address may have expired: once more with a fresh one.
      this.#handled = true
      void this.onError()
    }
    this.requestUpdate()
  }
}

/** Silence when the message is taken back, or the account is gone from the page. */
function endWith(stream: Stream, { conversation, id, from }: Message): void {
  stopWatching?.()
  stopWatching = stream.subscribe(({ account, threads }) => {
    const message = threads.get(conversation)?.messages.find((known) => known.id === id && known.from === from)
    if (account !== null && message?.deleted !== true) return
    stopWatching?.()
    endPlayback()
  })
}

define('media-audio', MediaAudio)
