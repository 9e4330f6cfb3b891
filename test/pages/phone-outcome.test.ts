/** What the phone says came of a linking, and how it goes on from there. */
import { beforeAll, describe, expect, test } from 'vitest'
import type { LinkingState } from '../../src/client/phone-linking.ts'
import type { PhoneErrorCode } from '../../src/client/phone-http.ts'
import type { LinkRequestCard } from '../../src/protocol/http.ts'
import type { LinkingView } from '../../src/web/phone/linking-flow.ts'
import { outcomeOf } from '../../src/web/phone/outcome.ts'
import { sayTimeLeft } from '../../src/web/phone/words.ts'
import { useEnglish } from '../../src/web/shared/text.ts'
import { chats } from '../../src/web/strings/en/chats.ts'
import { phone } from '../../src/web/strings/en/phone.ts'

const REQUEST: LinkRequestCard = {
  browser: 'Firefox',
  os: 'Windows',
  ip: '203.0.113.7',
  place: {},
  network: 'same',
  requestedAt: 0,
  issuedAt: 0,
  expiresAt: 120_000,
}

beforeAll(() => {
  useEnglish(chats)
  useEnglish(phone)
})

describe('a linking that ended', () => {
  test.each<[LinkingState, string, string, string, string | undefined]>([
    [
      { step: 'done', device: 'd', request: REQUEST },
      'Linked',
      'Firefox on Windows is now using your account.',
      'Done',
      'That wasn’t me',
    ],
    [{ step: 'undone' }, 'Unlinked', 'That browser can no longer read or send your messages.', 'Done', undefined],
    [
      { step: 'declined' },
      'Declined',
      'Nothing was linked. If someone sent you this code, don’t trust them.',
      'Done',
      undefined,
    ],
    [{ step: 'gone' }, 'The other screen was closed', 'Nothing was linked.', 'Scan again', 'Back to chats'],
    [
      { step: 'changed' },
      'This code has changed',
      'Point your camera at the screen again.',
      'Scan again',
      'Back to chats',
    ],
    [{ step: 'burned' }, 'Too many wrong numbers', 'Scan the new code.', 'Scan again', 'Back to chats'],
    [
      failed('link_token_invalid'),
      'This code has changed',
      'Point your camera at the screen again.',
      'Scan again',
      'Back to chats',
    ],
    [
      failed('bad_request'),
      'This code has changed',
      'Point your camera at the screen again.',
      'Scan again',
      'Back to chats',
    ],
    [
      failed('link_token_taken'),
      'Another phone is using this code',
      'Get a new code on the other screen.',
      'Scan again',
      'Back to chats',
    ],
    [failed('link_not_scanned'), 'Scan the code again', '', 'Scan again', 'Back to chats'],
    [
      failed('too_many_devices'),
      'You’ve linked as many devices as you can',
      'Unlink one to make room.',
      'Linked devices',
      'Back to chats',
    ],
    [failed('unauthorized'), 'You were signed out', 'Sign in to go on.', 'Sign in', undefined],
    [failed('offline'), 'You’re offline', 'Check your connection.', 'Try again', 'Cancel'],
    [
      failed('internal'),
      'Something went wrong on our side',
      'It isn’t you. It may work again in a moment.',
      'Try again',
      'Cancel',
    ],
  ])('%o is said, with its way on', (state, title, body, primary, secondary) => {
    const outcome = outcomeOf(view(state), 0)
    expect([outcome.saying.title, outcome.saying.body]).toEqual([title, body])
    expect([outcome.primary.words, outcome.secondary?.words]).toEqual([primary, secondary])
    expect(outcome.primary.off ?? false).toBe(false)
  })

  test('names how many devices are linked once that is known', () => {
    const { saying } = outcomeOf({ ...view(failed('too_many_devices')), deviceCount: 4 }, 0)
    expect(saying.title).toBe('You’ve linked 4 devices')
  })

  test('waits with a button that is off while too many tries were made, and counts without a sound', () => {
    const waiting = outcomeOf(view(failed('rate_limited')), 75)
    expect(waiting.saying.body).toBe('Try again in 1:15.')
    expect([waiting.primary.off, waiting.counts]).toEqual([true, true])
    const over = outcomeOf(view(failed('rate_limited')), 0)
    expect([over.primary.off, over.counts, over.saying.body]).toEqual([false, false, 'You can try again now.'])
  })

  test('takes no second "That wasn’t me" while one is under way', () => {
    const { primary, secondary } = outcomeOf(
      { ...view({ step: 'done', device: 'd', request: REQUEST }), undoing: true },
      0,
    )
    expect([primary.off, secondary?.off, secondary?.words]).toEqual([true, true, 'Unlinking…'])
  })
})

describe('a code that was typed', () => {
  test('is asked for again where it went wrong, not scanned', () => {
    const states: LinkingState[] = [
      { step: 'gone' },
      { step: 'changed' },
      { step: 'burned' },
      failed('link_token_invalid'),
      failed('link_token_taken'),
      failed('rate_limited'),
    ]
    for (const state of states) {
      const { primary, saying } = outcomeOf({ ...view(state), typed: true }, 0)
      expect(primary).toMatchObject({
        words: 'Enter the code again',
        step: { go: { screen: 'scan', entering: true } },
      })
      expect(saying.body).not.toMatch(/camera|scan/i)
    }
    expect(outcomeOf({ ...view(failed('link_token_invalid')), typed: true }, 0).saying.title).toBe(
      'That code isn’t right',
    )
  })
})

test('the time that is left is said at a minute, at thirty and at ten seconds, and not of what is less from the start', () => {
  const hold = 120_000
  const said = Array.from({ length: 121 }, (_, second) => sayTimeLeft(hold - second * 1000, hold))
  expect([...new Set(said)]).toEqual([
    '',
    '60 seconds left to decide',
    '30 seconds left to decide',
    '10 seconds left to decide',
  ])
  expect(said.indexOf('60 seconds left to decide')).toBe(60)
  expect(said.indexOf('10 seconds left to decide')).toBe(110)
  expect(sayTimeLeft(4_000, 4_000)).toBe('')
})

function view(state: LinkingState): LinkingView {
  return { state, failure: '', undoing: false, deviceCount: 0, typed: false }
}

function failed(code: PhoneErrorCode): LinkingState {
  return { step: 'failed', code }
}
