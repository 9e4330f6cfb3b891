/** What the phone page says of errors, places, distances and times, in the page's language. Pure. */
import type { PhoneErrorCode } from '../../client/phone-http.ts'
import type { LinkRequestCard, Network } from '../../protocol/http.ts'
import type { Place } from '../../protocol/model.ts'
import { formatCountdown } from '../shared/format.ts'
import { currentLocale, text, type StringKey } from '../shared/text.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** The soonest first. */
const LEFT_SAID_SECONDS = [10, 30, 60]

/** A state with nothing else to show. `icon` is of the sprite. */
export interface Saying {
  icon: string
  title: string
  body: string
}

interface Entry {
  icon: string
  title: StringKey
  body?: StringKey
  /** Instead of the body where there is one line and no button beside it. */
  line?: StringKey
}

const INTERNAL: Entry = {
  icon: 'triangle-alert',
  title: 'phone.err.internal.title',
  body: 'phone.err.internal.wait',
  line: 'phone.err.internal.body',
}
const NOT_CONFIGURED: Entry = {
  icon: 'settings',
  title: 'phone.err.not_configured.title',
  body: 'phone.err.not_configured.body',
}
const CHANGED: Entry = {
  icon: 'refresh-cw',
  title: 'phone.err.link_token_invalid.title',
  body: 'phone.err.link_token_invalid.body',
}

/** Codes that are not here are faults of ours. */
const ERRORS: Readonly<Partial<Record<PhoneErrorCode, Entry>>> = {
  link_token_invalid: CHANGED,
  link_token_taken: {
    icon: 'smartphone',
    title: 'phone.err.link_token_taken.title',
    body: 'phone.err.link_token_taken.body',
  },
  link_not_scanned: { icon: 'qr-code', title: 'phone.err.link_not_scanned.title' },
  match_failed: { icon: 'shield-alert', title: 'phone.err.match_failed.title', body: 'phone.err.match_failed.body' },
  too_many_devices: {
    icon: 'laptop',
    title: 'phone.err.too_many_devices.title',
    body: 'phone.err.too_many_devices.body',
  },
  code_invalid: { icon: 'x', title: 'phone.err.code_invalid.title', body: 'phone.err.code_invalid.body' },
  rate_limited: { icon: 'clock', title: 'phone.err.rate_limited.title', body: 'phone.err.rate_limited.over' },
  unauthorized: { icon: 'log-out', title: 'phone.err.unauthorized.title', body: 'phone.err.unauthorized.body' },
  not_found: { icon: 'search', title: 'phone.err.not_found.title' },
  payload_too_large: { icon: 'triangle-alert', title: 'phone.err.payload_too_large.title' },
  not_configured: NOT_CONFIGURED,
  misconfigured: NOT_CONFIGURED,
  delivery_failed: {
    icon: 'triangle-alert',
    title: 'phone.err.delivery_failed.title',
    body: 'phone.err.delivery_failed.body',
  },
  offline: { icon: 'wifi-off', title: 'phone.err.offline.title', body: 'phone.err.offline.body' },
  origin_not_allowed: {
    icon: 'shield-alert',
    title: 'phone.err.origin_not_allowed.title',
    body: 'phone.err.origin_not_allowed.body',
  },
}

const OUTCOMES = {
  undone: { icon: 'unlink', title: 'phone.undone.title', body: 'phone.undone.body' },
  declined: { icon: 'shield-check', title: 'phone.declined.title', body: 'phone.declined.body' },
  gone: { icon: 'laptop', title: 'phone.gone.title', body: 'phone.gone.body' },
  changed: CHANGED,
  burned: { icon: 'shield-alert', title: 'phone.burned.title', body: 'phone.burned.body' },
} as const satisfies Record<string, Entry>

const NETWORKS = {
  same: 'phone.confirm.same',
  near: 'phone.confirm.near',
  far: 'phone.confirm.distant',
} as const satisfies Record<Network, StringKey>

/** The title and the line for an error; `secondsLeft` with `rate_limited`. */
export function sayError(code: PhoneErrorCode, secondsLeft = 0): Saying {
  const saying = say(ERRORS[code] ?? INTERNAL)
  if (code !== 'rate_limited' || secondsLeft <= 0) return saying
  return { ...saying, body: text('phone.err.rate_limited.body', { time: formatCountdown(secondsLeft * 1000) }) }
}

/** How a linking ended, where it did not end with a link or an error. */
export function sayOutcome(step: keyof typeof OUTCOMES): Saying {
  return say(OUTCOMES[step])
}

/** An error in one line, for beside a field. */
export function sayErrorLine(code: PhoneErrorCode, secondsLeft?: number): string {
  if (code === 'bad_request') return text('phone.err.bad_request.title')
  const { title, body: rest } = sayError(code, secondsLeft)
  const { line } = ERRORS[code] ?? INTERNAL
  const body = line === undefined ? rest : text(line)
  return body === '' ? text('phone.err.short', { title }) : text('phone.err.line', { title, body })
}

export function sayBrowser({ browser, os }: { browser: string; os: string }): string {
  return os === '' ? browser : text('phone.browser', { browser, os })
}

/** Where a browser is, in words; a loopback address is this very machine and has no place. */
export function sayPlace({ place, ip }: Pick<LinkRequestCard, 'place' | 'ip'>): string {
  if (isLoopback(ip)) return text('phone.confirm.here')
  return sayCity(place) || text('phone.confirm.unknown')
}

/** "Berlin, Germany", as much of it as is known. */
export function sayCity({ city, country }: Place): string {
  const named = country === undefined ? '' : sayCountry(country)
  if (!city || named === '') return city || named
  return text('phone.place', { city, country: named })
}

export function sayCountry(code: string): string {
  try {
    return new Intl.DisplayNames(currentLocale(), { type: 'region' }).of(code) ?? code
  } catch {
    return code
  }
}

export function sayNetwork(network: Network): string {
  return text(NETWORKS[network])
}

/** How long ago something was asked. */
export function sayAsked(milliseconds: number): string {
  return milliseconds < MINUTE_MS ? text('phone.confirm.now') : sayAgo(milliseconds)
}

/**
 * How much time there is left to decide, said aloud at a few moments and not each second; empty while nothing is to be
 * said. @param whole what there was at first, which a first look at it has told
 */
export function sayTimeLeft(left: number, whole: number): string {
  const said = LEFT_SAID_SECONDS.find((seconds) => left <= seconds * 1000 && whole > seconds * 1000)
  return said === undefined ? '' : text('phone.confirm.left.said', { n: said })
}

/** When a device that is not connected was last seen. */
export function saySeen(milliseconds: number): string {
  if (milliseconds < MINUTE_MS) return text('phone.devices.seen.now')
  return text('phone.devices.seen', { ago: sayAgo(milliseconds) })
}

export function sayDate(at: number): string {
  return new Intl.DateTimeFormat(currentLocale(), { dateStyle: 'medium' }).format(at)
}

/** Whether a word that must be typed on purpose was. */
export function isTyped(typed: string, word: string): boolean {
  return typed.trim().toLocaleUpperCase(currentLocale()) === word
}

/** How long ago, coarsely: minutes, hours, days. */
function sayAgo(milliseconds: number): string {
  const relative = new Intl.RelativeTimeFormat(currentLocale(), { numeric: 'auto', style: 'short' })
  if (milliseconds < HOUR_MS) return relative.format(-Math.floor(milliseconds / MINUTE_MS), 'minute')
  if (milliseconds < DAY_MS) return relative.format(-Math.floor(milliseconds / HOUR_MS), 'hour')
  return relative.format(-Math.floor(milliseconds / DAY_MS), 'day')
}

function say({ icon, title, body }: Entry): Saying {
  return { icon, title: text(title), body: body === undefined ? '' : text(body) }
}

function isLoopback(ip: string): boolean {
  return ip === '::1' || /^(?:::ffff:)?127\./i.test(ip)
}
