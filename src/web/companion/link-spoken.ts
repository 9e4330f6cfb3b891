/**
 * What the link screen says aloud, in its one live region: each state once, when it comes. A code that only rotates, a
 * wait that only counts down say nothing.
 */
import type { CompanionState, CompanionView } from '../../client/companion-state.ts'
import { formatCountdown } from '../shared/format.ts'
import { text } from '../shared/text.ts'
import { troubleOf, unlinkedKey } from './link-notices.ts'
import { minutesLeft, spellOut } from './link-typed.ts'
import type { Gate } from './session.ts'

export interface Moment {
  gate: Gate | null
  state: CompanionState | null
  offline: boolean
  /** "Getting a code…" is on the screen. */
  waiting: boolean
  /** Between the approval and the chats: "Still loading." */
  slow: boolean
  now: number
}

/** @returns says what the live region holds; the same words until there is something else to say */
export function createSpoken(): (moment: Moment) => string {
  let key = ''
  let words = ''
  return (moment) => {
    const next = keyOf(moment)
    if (next === key) return words
    // The code goes on: what was said about it is over, and that is no news.
    const rotated = next === 'code' && key.startsWith('code')
    key = next
    words = rotated ? '' : wordsOf(moment)
    return words
  }
}

/** What must change for something to be said. */
function keyOf({ gate, state, offline, waiting, slow, now }: Moment): string {
  if (gate !== null) return gate
  const trouble = troubleOf(state ?? undefined, offline)
  if (trouble !== null) return trouble
  const view = state?.view ?? { name: 'connecting' as const }
  switch (view.name) {
    case 'connecting':
      return `connecting ${waiting}`
    case 'code':
      return view.note !== null ? `code ${view.note}` : view.last ? 'code last' : 'code'
    case 'scanned':
      return `scanned ${view.match}`
    case 'typed':
      return `typed ${view.code} ${view.expiresAt} ${minutesLeft(view.expiresAt, now) === 1}`
    case 'linked':
      return `linked ${slow}`
    case 'unlinked':
      return `unlinked ${view.reason}`
    default:
      return view.name
  }
}

function wordsOf({ gate, state, offline, waiting, slow, now }: Moment): string {
  if (gate !== null) return sentences(text(`link.${gate}.title`), text(`link.${gate}.body`))
  const trouble = troubleOf(state ?? undefined, offline)
  if (trouble !== null) {
    const title = text(`link.${trouble}.title`)
    const connection = state?.connection
    if (trouble !== 'rate_limited' || connection?.name !== 'waiting') return title
    return sentences(title, text('link.rate_limited.body', { time: formatCountdown(connection.retryAt - now) }))
  }
  if (state === null || state.view.name === 'connecting') return waiting ? text('link.connecting') : ''
  return wordsOfView(state.view, slow, now)
}

function wordsOfView(view: Exclude<CompanionView, { name: 'connecting' }>, slow: boolean, now: number): string {
  switch (view.name) {
    case 'code':
      if (view.note !== null) return sentences(text(`link.${view.note}.title`), text(`link.${view.note}.body`))
      return text(view.last ? 'link.last.title' : 'link.ready.title')
    case 'idle':
      return sentences(text('link.idle.title'), text('link.idle.body'))
    case 'scanned':
      return view.match === null
        ? sentences(text('link.scanned.title'), text('link.scanned.body'))
        : `${text('link.match.title')}: ${view.match}`
    case 'typed':
      return sentences(
        `${text('link.typed.title')}: ${spellOut(view.code)}`,
        text('link.typed.time', { n: minutesLeft(view.expiresAt, now) }),
      )
    case 'linked':
      return slow
        ? text('link.linked.slow')
        : sentences(text('link.linked.title', { name: view.account.name }), text('link.linked.body'))
    case 'elsewhere':
      return text('app.elsewhere.title')
    case 'unlinked':
      return text(`app.unlinked.${unlinkedKey(view.reason)}.title`)
    case 'origin':
      return sentences(text('link.origin.title'), text('link.origin.body'))
    case 'fault':
      return sentences(text('link.server.title'), text('link.fault.body'))
  }
}

function sentences(...parts: string[]): string {
  return parts.map((part) => (/[.!?…。؟]$/u.test(part) ? part : `${part}.`)).join(' ')
}
