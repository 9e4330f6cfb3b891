/** What the phone page says: errors, places, distances, times. Pure; the words of screens stand in the screens. */
import type { PhoneErrorCode } from '../../client/phone-http.ts'
import type { LinkRequestCard, Network } from '../../protocol/http.ts'
import type { Place } from '../../protocol/model.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** A state with nothing else to show. `icon` is of the sprite. */
export interface Saying {
  icon: string
  title: string
  body: string
}

/** The title and the line for an error; `secondsLeft` with `rate_limited`. */
export function sayError(code: PhoneErrorCode, secondsLeft?: number): Saying {
  switch (code) {
    case 'link_token_invalid':
      return say('refresh-cw', 'This code has changed', 'Point your camera at the screen again.')
    case 'link_token_taken':
      return say('smartphone', 'Another phone is using this code', 'Get a new code on the other screen.')
    case 'link_not_scanned':
      return say('qr-code', 'Scan the code again', '')
    case 'match_failed':
      return say('shield-alert', 'That isn’t the number', 'Look at the screen and try again.')
    case 'too_many_devices':
      return say('laptop', 'You’ve linked as many devices as you can', 'Unlink one to make room.')
    case 'code_invalid':
      return say('x', 'That code isn’t right', 'Check the message, or ask for a new code.')
    case 'rate_limited':
      return say('clock', 'Too many tries', secondsLeft ? `Try again in ${sayCountdown(secondsLeft)}.` : 'Try again.')
    case 'unauthorized':
      return say('log-out', 'You were signed out', 'Sign in to go on.')
    case 'not_found':
      return say('search', 'That’s no longer there', '')
    case 'payload_too_large':
      return say('triangle-alert', 'That’s too big to send', '')
    case 'not_configured':
    case 'misconfigured':
      return say('settings', 'Almost there', 'This server can’t sign people in yet. Choose how in wrangler.toml.')
    case 'delivery_failed':
      return say('triangle-alert', 'The code couldn’t be sent', 'Check the number, then try again.')
    case 'offline':
      return say('wifi-off', 'You’re offline', '')
    case 'origin_not_allowed':
      return say(
        'shield-alert',
        'This website isn’t allowed to link yet',
        'Its owner needs to add it to ALLOWED_ORIGINS.',
      )
    default:
      return say('triangle-alert', 'Something went wrong on our side', 'Try again.')
  }
}

/** How a linking ended, where it did not end with a link or an error. */
export function sayOutcome(step: 'undone' | 'declined' | 'gone' | 'changed' | 'burned'): Saying {
  switch (step) {
    case 'undone':
      return say('unlink', 'Unlinked', 'That browser can no longer read or send your messages.')
    case 'declined':
      return say('shield-check', 'Declined', 'Nothing was linked. If someone sent you this code, don’t trust them.')
    case 'gone':
      return say('laptop', 'The other screen was closed', 'Nothing was linked.')
    case 'changed':
      return sayError('link_token_invalid')
    case 'burned':
      return say('shield-alert', 'Too many wrong numbers', 'Scan the new code.')
  }
}

/** An error in one line, for beside a field. */
export function sayErrorLine(code: PhoneErrorCode, secondsLeft?: number): string {
  if (code === 'bad_request') return 'Please check the number'
  const { title, body } = sayError(code, secondsLeft)
  return body === '' ? `${title}.` : `${title}. ${body}`
}

/** m:ss. */
export function sayCountdown(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds))
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}

export function sayBrowser({ browser, os }: { browser: string; os: string }): string {
  return os === '' ? browser : `${browser} on ${os}`
}

/** Where a browser is, in words; a loopback address is this very machine and has no place. */
export function sayPlace({ place, ip }: Pick<LinkRequestCard, 'place' | 'ip'>): string {
  if (isLoopback(ip)) return 'This computer'
  return sayCity(place) || 'Place unknown'
}

/** "Berlin, Germany", as much of it as is known. */
export function sayCity({ city, country }: Place): string {
  return [city, country === undefined ? undefined : sayCountry(country)].filter(Boolean).join(', ')
}

export function sayCountry(code: string): string {
  try {
    return new Intl.DisplayNames('en', { type: 'region' }).of(code) ?? code
  } catch {
    return code
  }
}

export function sayNetwork(network: Network): string {
  if (network === 'same') return 'On your network'
  return network === 'near' ? 'Near you, on another network' : 'Far from you, on another network'
}

/** How long ago, coarsely. */
export function sayAgo(milliseconds: number): string {
  if (milliseconds < MINUTE_MS) return 'Just now'
  if (milliseconds < HOUR_MS) return `${Math.floor(milliseconds / MINUTE_MS)} min ago`
  if (milliseconds < DAY_MS) return `${Math.floor(milliseconds / HOUR_MS)} h ago`
  const days = Math.floor(milliseconds / DAY_MS)
  return days === 1 ? 'Yesterday' : `${days} days ago`
}

export function sayDate(at: number): string {
  return new Intl.DateTimeFormat('en', { dateStyle: 'medium' }).format(at)
}

/** Whether a word that must be typed on purpose was. */
export function isTyped(typed: string, word: string): boolean {
  return typed.trim().toUpperCase() === word
}

function say(icon: string, title: string, body: string): Saying {
  return { icon, title, body }
}

function isLoopback(ip: string): boolean {
  return ip === '::1' || /^(?:::ffff:)?127\./i.test(ip)
}
