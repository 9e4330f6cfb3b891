/**
 * A voice note while it is recorded: how long it is, how loud, rest, listen, discard, send. Recording begins when the
 * element comes and ends when it goes. Says `voice-recorded` (detail: the note), `voice-cancel`, `voice-failed` (detail: the fault).
 */
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { formatLength } from './format-length.ts'
import { icon } from './icon.ts'
import { define, PageElement } from './page-element.ts'
import { endPlayback, pausePlayback, play, playbackOf, watchPlayback } from './playback.ts'
import { text } from './text.ts'
import { startRecording, VOICE_LONGEST_MS, type Recording } from './voice-recorder.ts'

/** How often the level is looked at, and how many of them are shown. */
const LOOK_MS = 100
const LEVELS = 40
/** Silence is a dot, too. */
const LEAST_LEVEL = 0.08
/** What is played by that name is what was recorded so far. */
const DRAFT = 'voice-draft'

class VoiceBar extends PageElement {
  static override properties: PropertyDeclarations = {
    levels: { state: true },
    seconds: { state: true },
    started: { state: true },
    paused: { state: true },
    full: { state: true },
  }

  declare private levels: readonly number[]
  declare private seconds: number
  declare private started: boolean
  declare private paused: boolean
  /** It is as long as one may be: it waits to be sent. */
  declare private full: boolean
  /** What is listened to; an object URL. */
  #draft: string | null = null
  #recording: Recording | null = null
  #timer: ReturnType<typeof setInterval> | undefined

  constructor() {
    super()
    this.levels = []
    this.seconds = 0
    this.started = false
    this.paused = false
    this.full = false
  }

  override connectedCallback(): void {
    super.connectedCallback()
    pausePlayback()
    watchPlayback(() => this.requestUpdate(), this.ends)
    void this.#start()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearInterval(this.#timer)
    this.#recording?.end()
    this.#forgetDraft()
  }

  protected override firstUpdated(): void {
    this.querySelector<HTMLElement>('.voice')?.focus()
  }

  protected override render(): TemplateResult {
    return html`<div
      class="voice"
      role="group"
      tabindex="-1"
      aria-label=${text('voice.title')}
      @keydown=${(event: KeyboardEvent) => {
        if (event.key === 'Escape') this.#cancel()
      }}
    >
      <button
        class="icon-button"
        type="button"
        aria-label=${text('voice.cancel')}
        title=${text('voice.cancel')}
        @click=${this.#cancel}
      >
        ${icon('trash-2')}
      </button>
      <div class="voice-field ${this.paused ? 'paused' : ''}">
        ${
          this.started
            ? html`${this.paused ? this.#listenButton() : html`<span class="voice-dot" aria-hidden="true"></span>`}
                <span class="voice-time" role="timer">${formatLength(playbackOf(DRAFT)?.at || this.seconds)}</span>
                <span class="voice-levels" aria-hidden="true">
                  <svg viewBox="0 0 ${LEVELS * 4} 24" preserveAspectRatio="none"><path d=${this.#drawn()} /></svg>
                </span>
                ${this.full ? nothing : this.#pauseButton()}`
            : html`<span class="caption" role="status">${text('voice.starting')}</span>`
        }
      </div>
      <button
        class="icon-button send"
        type="button"
        aria-label=${text('voice.send')}
        title=${text('voice.send')}
        ?disabled=${!this.started}
        @click=${this.#finish}
      >
        ${icon('send-horizontal')}
      </button>
    </div>`
  }

  #listenButton(): TemplateResult {
    const playing = playbackOf(DRAFT)?.playing === true
    const words = text(playing ? 'media.audio.pause' : 'media.audio.play')
    return html`<button class="icon-button" type="button" aria-label=${words} title=${words} @click=${this.#listen}>
      ${icon(playing ? 'pause' : 'play')}
    </button>`
  }

  #pauseButton(): TemplateResult {
    const words = text(this.paused ? 'voice.resume' : 'voice.pause')
    return html`<button
      class="icon-button voice-pause"
      type="button"
      aria-label=${words}
      title=${words}
      @click=${this.#pause}
    >
      ${icon(this.paused ? 'mic' : 'pause')}
    </button>`
  }

  /** Strokes from the newest level, at the end, to the oldest. */
  #drawn(): string {
    return this.levels
      .map((level, index) => {
        const x = (LEVELS - this.levels.length + index) * 4 + 2
        const reach = Math.max(LEAST_LEVEL, level) * 11
        return `M${x} ${12 - reach}V${12 + reach}`
      })
      .join('')
  }

  async #start(): Promise<void> {
    const recording = await startRecording(this.ends)
    if (!this.isConnected) return
    if (typeof recording === 'string') {
      this.#say('voice-failed', recording)
      return
    }
    this.#recording = recording
    this.started = true
    this.#timer = setInterval(() => this.#look(recording), LOOK_MS)
  }

  #look(recording: Recording): void {
    if (this.paused) return
    this.seconds = Math.floor(recording.elapsed() / 1000)
    this.levels = [...this.levels, recording.level()].slice(-LEVELS)
    if (recording.elapsed() < VOICE_LONGEST_MS) return
    // It waits for the person: nothing is sent that they did not send.
    clearInterval(this.#timer)
    recording.end()
    this.paused = true
    this.full = true
  }

  #pause = (): void => {
    this.paused = !this.paused
    this.#recording?.pause(this.paused)
    this.#forgetDraft()
  }

  #listen = async (): Promise<void> => {
    const playback = playbackOf(DRAFT)
    if (playback?.playing) return pausePlayback()
    const recorded = this.#draft === null ? await this.#recording?.soFar() : undefined
    if (!this.isConnected || !this.paused) return
    if (recorded !== undefined) this.#draft = URL.createObjectURL(recorded)
    if (this.#draft !== null) play(DRAFT, this.#draft, playback?.at ?? 0)
  }

  #forgetDraft(): void {
    if (playbackOf(DRAFT) !== null) endPlayback()
    if (this.#draft !== null) URL.revokeObjectURL(this.#draft)
    this.#draft = null
  }

  #cancel = (): void => {
    this.#recording?.end()
    this.#say('voice-cancel', null)
  }

  #finish = async (): Promise<void> => {
    const recording = this.#recording
    this.#recording = null
    clearInterval(this.#timer)
    const note = await recording?.take()
    if (note === undefined || !this.isConnected) return
    if (typeof note === 'string') this.#say('voice-failed', note)
    else this.#say('voice-recorded', note)
  }

  #say(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail }))
  }
}

define('voice-bar', VoiceBar)
