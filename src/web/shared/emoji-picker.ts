/**
 * Emoji to choose from, by category or by their words. Says `emoji-chosen` (detail: the emoji, and whether a pointer chose
 * it) as often as one is chosen, and `emoji-close`. Tab goes from part to part, arrow keys within a part.
 */
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import {
  findEmoji,
  parseEmoji,
  withRecent,
  withTone,
  type Emoji,
  type EmojiCategory,
  type EmojiSet,
  type Tone,
} from './emoji-data.ts'
import { icon } from './icon.ts'
import { define, PageElement } from './page-element.ts'
import { text } from './text.ts'

const SOURCE = '/emoji.json'
const SIGNS: Readonly<Record<EmojiCategory, string>> = {
  faces: '😀',
  people: '👋',
  nature: '🐻',
  food: '🍎',
  travel: '✈️',
  activities: '⚽',
  objects: '💡',
  symbols: '❤️',
  flags: '🏁',
}
const TONES = [0, 1, 2, 3, 4, 5] as const
const TONE_SIGN: Emoji = { emoji: '✋', name: '', words: '', toned: true }

type Shown = EmojiCategory | 'recent'

/** For as long as the page lives. */
let all: EmojiSet | null = null
let loading: Promise<EmojiSet> | null = null
let recent: readonly string[] = []
let tone: Tone = 0

/** Fetches the emoji, unless they are there. @throws TypeError when they cannot be fetched: ask again */
export async function loadEmoji(): Promise<void> {
  try {
    all ??= await (loading ??= fetchEmoji())
  } finally {
    loading = null
  }
}

async function fetchEmoji(): Promise<EmojiSet> {
  const answer = await fetch(SOURCE)
  if (!answer.ok) throw new TypeError('no emoji')
  return parseEmoji(await answer.json())
}

class EmojiPicker extends PageElement {
  static override properties: PropertyDeclarations = {
    state: { state: true },
    query: { state: true },
    category: { state: true },
  }

  declare private state: 'loading' | 'failed' | 'ready'
  declare private query: string
  declare private category: Shown

  constructor() {
    super()
    this.state = all === null ? 'loading' : 'ready'
    this.query = ''
    this.category = recent.length > 0 ? 'recent' : 'faces'
  }

  override connectedCallback(): void {
    super.connectedCallback()
    if (all === null) void this.#load()
    document.addEventListener('pointerdown', this.#onOutside, { signal: this.ends })
  }

  protected override firstUpdated(): void {
    // On a touch screen the keyboard would cover what one came to see.
    if (matchMedia('(hover: hover)').matches) this.querySelector('input')?.focus()
  }

  protected override render(): TemplateResult {
    return html`<div class="emoji-picker" role="dialog" aria-label=${text('emoji.title')}>
      <div class="emoji-top">
        <search>
          ${icon('search', 'small')}
          <input
            class="field"
            type="search"
            maxlength="40"
            autocomplete="off"
            aria-label=${text('emoji.search')}
            placeholder=${text('emoji.search')}
            .value=${this.query}
            @input=${this.#onQuery}
            @keydown=${this.#onSearchKeydown}
          />
        </search>
        <button
          class="icon-button emoji-close"
          type="button"
          aria-label=${text('app.close')}
          @click=${() => this.dispatchEvent(new CustomEvent('emoji-close'))}
        >
          ${icon('x')}
        </button>
      </div>
      ${this.state === 'ready' ? this.#body(all!) : this.#waiting()}
    </div>`
  }

  #waiting(): TemplateResult {
    if (this.state === 'loading') return html`<p class="caption loading">${text('emoji.loading')}</p>`
    return html`<p class="caption loading" role="alert">
      ${text('emoji.failed')}
      <button class="link-button" type="button" @click=${() => void this.#load()}>${text('chat.failed.action')}</button>
    </p>`
  }

  #body(set: EmojiSet): TemplateResult {
    const query = this.query.trim()
    const found = query === '' ? null : findEmoji(set, query)
    const label = text(found === null ? `emoji.${this.category}` : 'emoji.found')
    const shown = found ?? this.#ofCategory(set)
    return html`
      <div class="emoji-scroll">
        ${
          shown.length === 0
            ? html`<p class="caption loading" role="status">${text('emoji.none', { q: query })}</p>`
            : html`<h3 class="caption">${label}</h3>
                <div class="emoji-grid" role="group" aria-label=${label} @keydown=${this.#onGridKeydown}>
                  ${shown.map((one, index) => this.#one(one, index))}
                </div>`
        }
      </div>
      <div class="emoji-foot">
        <div class="emoji-tabs" role="group" aria-label=${text('emoji.categories')} @keydown=${this.#onRowKeydown}>
          ${recent.length === 0 ? nothing : this.#tab('recent', icon('clock'))}
          ${[...set.keys()].map((id) => this.#tab(id, SIGNS[id]))}
        </div>
        <label class="emoji-tone">
          <span class="visually-hidden">${text('emoji.tone')}</span>
          <select .value=${String(tone)} @change=${this.#onTone}>
            ${TONES.map(
              (value) =>
                html`<option value=${value} ?selected=${value === tone} aria-label=${text(`emoji.tone.${value}`)}>
                  ${withTone(TONE_SIGN, value)}
                </option>`,
            )}
          </select>
        </label>
      </div>
    `
  }

  #one(one: Emoji, index: number): TemplateResult {
    const emoji = this.category === 'recent' && this.query === '' ? one.emoji : withTone(one, tone)
    return html`<button
      class="emoji-one"
      type="button"
      tabindex=${index === 0 ? 0 : -1}
      aria-label=${one.name}
      title=${one.name}
      @click=${(event: MouseEvent) => this.#choose(emoji, event)}
    >
      ${emoji}
    </button>`
  }

  #tab(id: Shown, sign: TemplateResult | string): TemplateResult {
    const pressed = this.category === id && this.query.trim() === ''
    return html`<button
      class="emoji-tab"
      type="button"
      tabindex=${this.category === id ? 0 : -1}
      aria-label=${text(`emoji.${id}`)}
      title=${text(`emoji.${id}`)}
      aria-pressed=${pressed ? 'true' : 'false'}
      @click=${() => this.#show(id)}
    >
      ${sign}
    </button>`
  }

  #ofCategory(set: EmojiSet): readonly Emoji[] {
    if (this.category !== 'recent') return set.get(this.category) ?? []
    const known = [...set.values()].flat()
    return recent.map((emoji) => {
      const bare = known.find((one) => one.emoji === emoji || TONES.some((value) => withTone(one, value) === emoji))
      return { emoji, name: bare?.name ?? emoji, words: '', toned: false }
    })
  }

  async #load(): Promise<void> {
    this.state = 'loading'
    try {
      await loadEmoji()
      this.state = 'ready'
    } catch {
      this.state = 'failed'
    }
  }

  #choose(emoji: string, event: MouseEvent): void {
    recent = withRecent(recent, emoji)
    // A key presses a button, too, and counts no clicks.
    const byPointer = event.detail > 0
    this.dispatchEvent(new CustomEvent('emoji-chosen', { detail: { emoji, byPointer } }))
    if (this.category !== 'recent') this.requestUpdate()
  }

  #show(id: Shown): void {
    this.query = ''
    this.category = id
    this.querySelector('.emoji-scroll')?.scrollTo(0, 0)
  }

  #onQuery = (event: Event): void => {
    this.query = (event.target as HTMLInputElement).value
    this.querySelector('.emoji-scroll')?.scrollTo(0, 0)
  }

  #onTone = (event: Event): void => {
    tone = Number((event.target as HTMLSelectElement).value) as Tone
    this.requestUpdate()
  }

  /** Enter takes the first that was found. */
  #onSearchKeydown = (event: KeyboardEvent): void => {
    if (event.isComposing) return
    if (event.key === 'Enter') {
      event.preventDefault()
      if (this.query.trim() !== '') this.querySelector<HTMLElement>('.emoji-one')?.click()
    } else if (event.key === 'ArrowDown') {
      event.preventDefault()
      this.querySelector<HTMLElement>('.emoji-one')?.focus()
    }
  }

  #onGridKeydown = (event: KeyboardEvent): void => {
    const items = [...(event.currentTarget as Element).querySelectorAll<HTMLElement>('.emoji-one')]
    const columns = items.filter(({ offsetTop }) => offsetTop === items[0]?.offsetTop).length
    walk(event, items, columns)
  }

  #onRowKeydown = (event: KeyboardEvent): void => {
    const items = [...(event.currentTarget as Element).querySelectorAll<HTMLElement>('.emoji-tab')]
    walk(event, items, items.length)
  }

  #onOutside = (event: Event): void => {
    // The composer's own buttons say themselves what becomes of it.
    const inside = event.target instanceof Node && this.closest('.composer')?.contains(event.target)
    if (!inside) this.dispatchEvent(new CustomEvent('emoji-close'))
  }
}

/** Moves the keyboard within a part of which only one can be reached by Tab. */
function walk(event: KeyboardEvent, items: readonly HTMLElement[], columns: number): void {
  const at = items.findIndex((item) => item === document.activeElement)
  const onwards = getComputedStyle(event.currentTarget as Element).direction === 'rtl' ? -1 : 1
  const targets: Readonly<Record<string, number>> = {
    ArrowRight: at + onwards,
    ArrowLeft: at - onwards,
    ArrowDown: at + columns,
    ArrowUp: at - columns,
    Home: 0,
    End: items.length - 1,
  }
  const target = targets[event.key]
  if (target === undefined || at === -1) return
  event.preventDefault()
  const next = items[target]
  if (next === undefined) return
  for (const item of items) item.tabIndex = item === next ? 0 : -1
  next.focus()
}

define('emoji-picker', EmojiPicker)
