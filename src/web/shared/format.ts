/** Times, numbers and initials as people read them, in the language of the page. Pure: `now` is a parameter. */
import { currentLocale, text } from './text.ts'

const DAY_MS = 86_400_000
const UNREAD_SHOWN = 999
const BYTE_UNITS = ['byte', 'kilobyte', 'megabyte'] as const

const DATE_STYLES = {
  clock: { hour: 'numeric', minute: '2-digit' },
  weekday: { weekday: 'long' },
  date: { dateStyle: 'short' },
  moment: { dateStyle: 'medium', timeStyle: 'short' },
  longDate: { day: 'numeric', month: 'long', year: 'numeric' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>

/** Making one costs more than using it a hundred times. */
const formatters = new Map<string, Intl.DateTimeFormat>()

/** The time of day. */
export function formatClock(at: number): string {
  return formatDate('clock', at)
}

/** A moment in a sentence: the time of day if it was today, else with its date. */
export function formatMoment(at: number, now: number): string {
  return formatDate(isSameDay(at, now) ? 'clock' : 'moment', at)
}

/** For a row of the list: the time today, else "Yesterday", the weekday, or the date. */
export function formatListTime(at: number, now: number): string {
  const days = daysBetween(at, now)
  if (days <= 0) return formatDate('clock', at)
  if (days === 1) return text('chat.yesterday')
  return days < 7 ? formatDate('weekday', at) : formatDate('date', at)
}

/** For the line between two days of a thread. */
export function formatDay(at: number, now: number): string {
  const days = daysBetween(at, now)
  if (days === 0) return text('chat.today')
  if (days === 1) return text('chat.yesterday')
  return days > 1 && days < 7 ? formatDate('weekday', at) : formatDate('longDate', at)
}

export function isSameDay(a: number, b: number): boolean {
  return startOfDay(a) === startOfDay(b)
}

/** `m:ss` of what is left, never below zero. */
export function formatCountdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** Whole seconds left, at least one: "in 0 s" says nothing. */
export function secondsLeft(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000))
}

/** The size of a file, in the unit that fits. */
export function formatBytes(bytes: number): string {
  const power = Math.min(BYTE_UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)))
  const value = bytes / 1000 ** power
  return new Intl.NumberFormat(currentLocale(), {
    style: 'unit',
    unit: BYTE_UNITS[power] ?? 'byte',
    unitDisplay: power === 0 ? 'long' : 'short',
    maximumFractionDigits: value < 10 && power > 0 ? 1 : 0,
  }).format(value)
}

export function formatUnread(unread: number): string {
  const shown = new Intl.NumberFormat(currentLocale()).format(Math.min(unread, UNREAD_SHOWN))
  return unread > UNREAD_SHOWN ? `${shown}+` : shown
}

/** One letter, or two where letters stand apart, for a name without a picture; none for a bare number. */
export function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter((word) => /^\p{L}/u.test(word))
  const apart = words.every((word) => /^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]/u.test(word))
  const picked = words.length > 1 && apart ? [words[0], words.at(-1)] : words.slice(0, 1)
  return picked
    .map((word) =>
      String.fromCodePoint(word?.codePointAt(0) ?? 0x20)
        .toLocaleUpperCase()
        .trim(),
    )
    .join('')
}

/**
 * A number as typed to E.164: spaces, dashes, dots and brackets go, a leading 00 becomes +.
 * @returns null when that cannot be one
 */
export function parseTypedNumber(typed: string): string | null {
  const bare = typed.replace(/[\s().\-/\u00a0\u202f]/g, '').replace(/^00/, '+')
  return /^\+[1-9][0-9]{6,14}$/.test(bare) ? bare : null
}

/** Whether a name is only the number, however it is spaced: then it need not be said twice. */
export function isSameNumber(name: string, number: string): boolean {
  return parseTypedNumber(name) === number
}

function formatDate(style: keyof typeof DATE_STYLES, at: number): string {
  const locale = currentLocale()
  const key = `${locale} ${style}`
  const formatter = formatters.get(key) ?? createFormatter(locale, DATE_STYLES[style])
  formatters.set(key, formatter)
  return formatter.format(at)
}

/** Where the day has 24 hours each is written with two digits, or a time would look like the length of a sound. */
function createFormatter(locale: string, style: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const formatter = new Intl.DateTimeFormat(locale, style)
  return style.hour !== undefined && formatter.resolvedOptions().hourCycle === 'h23'
    ? new Intl.DateTimeFormat(locale, { ...style, hour: '2-digit' })
    : formatter
}

function daysBetween(at: number, now: number): number {
  return Math.round((startOfDay(now) - startOfDay(at)) / DAY_MS)
}

function startOfDay(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0)
}
