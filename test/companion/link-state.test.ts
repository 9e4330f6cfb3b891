import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  onAlarm,
  onApprove,
  onDecline,
  onRefused,
  onScan,
  onSleep,
  onSpell,
  onWake,
  openLink,
  planSpell,
} from '../../src/companion/link-state.ts'
import type { LinkContext, LinkState, LinkStep, Spelled, TypedDraft, Waiting } from '../../src/companion/link-types.ts'
import { IDLE_END_MS, SPELL_EXTENSIONS, SPELL_MS } from '../../src/protocol/limits.ts'

const START = 1_800_000_000_000
const settings = { rotateMs: 20_000, rotations: 6, graceMs: 20_000, holdMs: 120_000 }
const card = {
  browser: 'Chrome',
  os: 'Linux',
  ip: '192.0.2.1',
  place: {},
  network: 'same' as const,
  requestedAt: START,
}

const at = (now: number, freshHash = `fresh@${now}`): LinkContext => ({ now: START + now, settings, freshHash })
const opened = openLink(at(0, 'first')).state as Waiting
const scanEvent = (hash: string, account = 'alice', match: string | null = null) => ({
  by: 'token' as const,
  hash,
  account,
  match,
  card,
})
const approveEvent = (hash: string, account = 'alice', match: string | null = null) => ({
  hash,
  account,
  match,
  isEqual: (a: string, b: string) => a === b,
})
const held = (match: string | null = null): LinkState => onScan(opened, scanEvent('first', 'alice', match), at(0)).state

const draft = (name: string): TypedDraft => ({
  code: name,
  hash: `hash of ${name}`,
  salt: 'salt',
  tokenHash: `token of ${name}`,
  extensions: 0,
})
const typedEvent = (name: string, account = 'alice', match = '47') => ({
  ...scanEvent(`hash of ${name}`, account, match),
  by: 'typed' as const,
})
const spelled = onSpell(opened, draft('AAAA'), at(1000)).state as Spelled

/** Runs alarms exactly when they are due until nothing is waiting to rotate. */
function spendBudget(from: LinkState): { state: LinkState; now: number } {
  let [state, now] = [from, 0]
  while (state.name === 'waiting') {
    now = state.code.expiresAt - START
    state = onAlarm(state, at(now)).state
  }
  return { state, now }
}

describe('waiting', () => {
  it('begins with the first code of the budget and its end as the alarm', () => {
    const step = openLink(at(0, 'first'))
    expect(step.say).toEqual(['qr'])
    expect(step.alarmAt).toBe(START + 20_000)
    expect(step.state).toMatchObject({ name: 'waiting', rotation: 1, previous: null, code: { hash: 'first' } })
  })

  it('rotates when the code ends and keeps the one just replaced', () => {
    const step = onAlarm(opened, at(20_000, 'second'))
    expect(step.say).toEqual(['qr'])
    expect(step.state).toMatchObject({ rotation: 2, code: { hash: 'second' }, previous: { hash: 'first' } })
    expect(step.alarmAt).toBe(START + 40_000)
  })

  it('an early or second alarm changes nothing and waits for the end of the code', () => {
    for (const now of [0, 1, 19_999]) {
      const step = onAlarm(opened, at(now))
      expect(step).toEqual({ state: opened, say: [], alarmAt: START + 20_000, answer: undefined })
    }
  })

  it('goes idle after the last code', () => {
    const { state, now } = spendBudget(opened)
    expect(state.name).toBe('idle')
    expect(now).toBe(6 * 20_000)
  })

  it('asleep, the code on show is the last', () => {
    const asleep = onSleep(opened).state
    const step = onAlarm(asleep, at(20_000))
    expect(step.say).toEqual(['idle'])
    expect(onScan(step.state, scanEvent('first'), at(39_999)).answer).toMatchObject({ account: 'alice' })
  })

  it('a wake renews the budget and leaves the code', () => {
    let state: LinkState = opened
    for (let rotation = 2; rotation <= 6; rotation++) state = onAlarm(state, at((rotation - 1) * 20_000)).state
    const woken = onWake(onSleep(state).state, at(101_000))
    expect(woken.say).toEqual([])
    expect(woken.alarmAt).toBeUndefined()
    expect(onAlarm(woken.state, at(120_000)).state).toMatchObject({ name: 'waiting', rotation: 2 })
  })
})

describe('a code by the clock', () => {
  it('is scannable to the end of its grace and not a millisecond longer, even when the alarm is late (S2)', () => {
    expect(onScan(opened, scanEvent('first'), at(39_999)).answer).toMatchObject({ account: 'alice' })
    expect(onScan(opened, scanEvent('first'), at(40_000)).answer).toEqual({ code: 'link_token_invalid' })
  })

  it('replaced, is scannable for its grace', () => {
    const rotated = onAlarm(opened, at(20_000, 'second')).state
    expect(onScan(rotated, scanEvent('first'), at(39_999)).answer).toMatchObject({ codes: ['second', 'first'] })
    expect(onScan(rotated, scanEvent('first'), at(40_000)).answer).toEqual({ code: 'link_token_invalid' })
  })

  it('replaced twice, is dead', () => {
    const twice = onAlarm(onAlarm(opened, at(20_000)).state, at(40_000)).state
    expect(onScan(twice, scanEvent('first'), at(40_000)).answer).toEqual({ code: 'link_token_invalid' })
  })
})

describe('idle', () => {
  const { state: idle, now } = spendBudget(opened)

  it('shows a new code with a new budget when it wakes', () => {
    const step = onWake(idle, at(now + 1000, 'woken'))
    expect(step.say).toEqual(['qr'])
    expect(step.state).toMatchObject({ name: 'waiting', rotation: 1, code: { hash: 'woken' } })
  })

  it('ends after half an hour and not before', () => {
    expect(onAlarm(idle, at(now + IDLE_END_MS - 1)).answer).toBeUndefined()
    expect(onAlarm(idle, at(now + IDLE_END_MS)).answer).toBe('end')
  })

  it('in the grace of its last code, approve is not scanned and afterwards invalid', () => {
    const last = (idle as { previous: { hash: string } }).previous.hash
    expect(onApprove(idle, approveEvent(last), at(now + 19_999)).answer).toEqual({ code: 'link_not_scanned' })
    expect(onApprove(idle, approveEvent(last), at(now + 20_000)).answer).toEqual({ code: 'link_token_invalid' })
  })
})

describe('spelled', () => {
  it('shows the code for five minutes and stops rotation', () => {
    const step = onSpell(opened, draft('AAAA'), at(1000))
    expect(step).toMatchObject({ say: ['spelled'], alarmAt: START + 1000 + SPELL_MS, answer: 'spelled' })
    expect(step.state).toMatchObject({ name: 'spelled', typed: { issuedAt: START + 1000 }, code: { hash: 'first' } })
    for (const now of [1000, 20_000, 1000 + SPELL_MS - 1]) {
      expect(onAlarm(spelled, at(now))).toEqual({
        state: spelled,
        say: [],
        alarmAt: START + 1000 + SPELL_MS,
        answer: undefined,
      })
    }
  })

  it('ends exactly after five minutes, for a scan and for the alarm', () => {
    expect(onScan(spelled, typedEvent('AAAA'), at(1000 + SPELL_MS - 1)).state.name).toBe('held')
    expect(onScan(spelled, typedEvent('AAAA'), at(1000 + SPELL_MS)).answer).toEqual({ code: 'link_token_invalid' })
    expect(onAlarm(spelled, at(1000 + SPELL_MS))).toMatchObject({ state: { name: 'idle' }, say: ['idle'] })
  })

  it('takes neither a token for a typed code nor a typed code for a token', () => {
    for (const event of [scanEvent('hash of AAAA'), scanEvent('token of AAAA'), { ...typedEvent(''), hash: 'first' }]) {
      expect(onScan(spelled, event, at(2000)).answer).toEqual({ code: 'link_token_invalid' })
    }
  })

  it('held by the typed code, its token and the codes to scan lead to the same hold', () => {
    const { state } = onScan(spelled, typedEvent('AAAA'), at(2000))
    expect(state).toMatchObject({ name: 'held', hold: { match: '47', codes: ['token of AAAA', 'first'] } })
    for (const event of [typedEvent('AAAA'), scanEvent('token of AAAA'), scanEvent('first')]) {
      expect(onScan(state, event, at(3000)).answer).toEqual((state as { hold: unknown }).hold)
      expect(onScan(state, { ...event, account: 'mallory' }, at(3000)).answer).toEqual({ code: 'link_token_taken' })
    }
    expect(onApprove(state, approveEvent('token of AAAA', 'alice', '47'), at(3000)).state.name).toBe('linking')
    expect(onApprove(state, approveEvent('hash of AAAA', 'alice', '47'), at(3000)).answer).toEqual({
      code: 'link_token_invalid',
    })
  })

  it('held by a code to scan, the typed one is used up for everybody', () => {
    const { state } = onScan(spelled, scanEvent('first'), at(2000))
    for (const account of ['alice', 'mallory']) {
      expect(onScan(state, typedEvent('AAAA', account), at(3000)).answer).toEqual({ code: 'link_token_invalid' })
    }
  })

  it('is given more time ten times while it lives, then a new code is drawn', () => {
    let [state, now]: [LinkState, number] = [spelled, 1000]
    for (let times = 1; times <= SPELL_EXTENSIONS; times++) {
      now += SPELL_MS - 1
      const plan = planSpell(state, START + now) as TypedDraft
      expect(plan).toMatchObject({ code: 'AAAA', extensions: times })
      ;({ state } = onSpell(state, plan, at(now)))
    }
    expect(planSpell(state, START + now)).toBe('draw')
    expect(planSpell(spelled, START + 1000 + SPELL_MS)).toBe('draw')
  })

  it('is refused while a phone holds the screen and only then', () => {
    const { state: linking } = onApprove(held(), approveEvent('first'), at(1000))
    for (const state of [held(), linking]) {
      expect(planSpell(state, START + 2000)).toBe('not_allowed')
      expect(onSpell(state, draft('AAAA'), at(2000))).toEqual({ state, say: [], answer: 'not_allowed' })
    }
    expect(planSpell(held(), START + 120_000)).toBe('draw')
    expect(onSpell(held(), draft('AAAA'), at(120_000)).state).toMatchObject({ name: 'spelled', code: null })
  })

  it('a code that ended while it was made sure of is not shown again', () => {
    const more = { ...draft('AAAA'), extensions: 1 }
    for (const state of [opened, onSpell(spelled, draft('BBBB'), at(2000)).state, spendBudget(opened).state]) {
      expect(onSpell(state, more, at(3000))).toEqual({ state, say: [], answer: 'again' })
    }
    expect(onSpell(spelled, more, at(1000 + SPELL_MS)).answer).toBe('again')
  })

  it('a wake brings codes to scan with a new budget; sleep changes nothing', () => {
    const woken = onWake(spelled, at(5000, 'fresh'))
    expect(woken).toMatchObject({ say: ['qr'], state: { name: 'waiting', rotation: 1, code: { hash: 'fresh' } } })
    expect(onScan(woken.state, typedEvent('AAAA'), at(5000)).answer).toEqual({ code: 'link_token_invalid' })
    expect(onSleep(spelled).state).toBe(spelled)
  })
})

describe('a hold', () => {
  it('stops rotation for 120 s and says so', () => {
    const step = onScan(opened, scanEvent('first'), at(5000))
    expect(step.say).toEqual(['scanned'])
    expect(step.alarmAt).toBe(START + 125_000)
    expect(onAlarm(step.state, at(20_000))).toMatchObject({ say: [], alarmAt: START + 125_000 })
  })

  it('gives the same answer and no more time to a rescan by its holder', () => {
    const again = onScan(held(), scanEvent('first'), at(60_000))
    expect(again.answer).toEqual((held() as { hold: unknown }).hold)
    expect(again.alarmAt).toBeUndefined()
  })

  it('is taken for everybody else, by either code', () => {
    const rotated = onAlarm(opened, at(20_000, 'second')).state
    const { state } = onScan(rotated, scanEvent('second'), at(21_000))
    for (const hash of ['first', 'second']) {
      expect(onScan(state, scanEvent(hash, 'mallory'), at(22_000)).answer).toEqual({ code: 'link_token_taken' })
      expect(onApprove(state, approveEvent(hash, 'mallory'), at(22_000)).answer).toEqual({ code: 'link_token_taken' })
      expect(onDecline(state, approveEvent(hash, 'mallory'), at(22_000)).answer).toEqual({ code: 'link_token_taken' })
    }
  })

  it('ends by the clock, even when the alarm is late: a fresh code shows and the old one is dead (S2)', () => {
    const early = onApprove(held(), approveEvent('first'), at(119_999))
    expect(early.state.name).toBe('linking')
    const late = onApprove(held(), approveEvent('first'), at(120_000))
    expect(late.answer).toEqual({ code: 'link_token_invalid' })
    expect(late.say).toEqual(['qr'])
    expect(late.state).toMatchObject({ name: 'waiting', rotation: 1, previous: null })
  })

  it('is undone from the screen by a wake (S33)', () => {
    const step = onWake(held(), at(1000, 'fresh'))
    expect(step.say).toEqual(['qr'])
    expect(onApprove(step.state, approveEvent('first'), at(1001)).answer).toEqual({ code: 'link_token_invalid' })
  })

  it('is not ended by sleep', () => {
    expect(onSleep(held()).state).toEqual(held())
  })

  it('declined, shows a fresh code; the same phone may say so again, nobody else', () => {
    const step = onDecline(held(), approveEvent('first'), at(1000))
    expect(step.say).toEqual(['declined', 'qr'])
    expect(step.answer).toBe('declined')
    expect(onDecline(step.state, approveEvent('first'), at(1001)).answer).toBe('declined')
    expect(onDecline(step.state, approveEvent('first', 'mallory'), at(1001)).answer).toEqual({
      code: 'link_token_invalid',
    })
    expect(onDecline(step.state, approveEvent('fresh@1000'), at(1001)).answer).toEqual({ code: 'link_not_scanned' })
  })
})

describe('number match', () => {
  it('links with the right number', () => {
    expect(onApprove(held('47'), approveEvent('first', 'alice', '47'), at(1)).state.name).toBe('linking')
  })

  it('takes three wrong numbers, then burns the code (S13)', () => {
    let state = held('47')
    for (const triesLeft of [2, 1]) {
      const step = onApprove(state, approveEvent('first', 'alice', '48'), at(1))
      expect(step.answer).toEqual({ code: 'match_failed', triesLeft })
      expect(step.say).toEqual([])
      state = step.state
    }
    const burned = onApprove(state, approveEvent('first', 'alice', '48'), at(1))
    expect(burned.answer).toEqual({ code: 'match_failed', triesLeft: 0 })
    expect(burned.say).toEqual(['qr'])
    expect(onApprove(burned.state, approveEvent('first', 'alice', '47'), at(1)).answer).toEqual({
      code: 'link_token_invalid',
    })
  })

  it('does not count a missing number', () => {
    const step = onApprove(held('47'), approveEvent('first'), at(1))
    expect(step.answer).toEqual({ code: 'bad_request' })
    expect(step.state).toEqual(held('47'))
  })
})

describe('linking', () => {
  const { state: linking } = onApprove(held(), approveEvent('first'), at(1000))

  it('is changed by neither wake, sleep, decline, alarm nor the end of the hold', () => {
    expect(onWake(linking, at(2000)).state).toBe(linking)
    expect(onSleep(linking).state).toBe(linking)
    expect(onDecline(linking, approveEvent('first'), at(2000)).answer).toEqual({ code: 'link_token_invalid' })
    for (const now of [2000, 500_000]) expect(onAlarm(linking, at(now))).toMatchObject({ state: linking, say: [] })
  })

  it('refused by the account, goes back to the hold, or to a fresh code when its time is over', () => {
    const { hold } = linking as { hold: Parameters<typeof onRefused>[0] }
    expect(onRefused(hold, at(2000))).toMatchObject({ state: { name: 'held' }, alarmAt: START + 120_000 })
    expect(onRefused(hold, at(120_000))).toMatchObject({ state: { name: 'waiting' }, say: ['qr'] })
  })
})

describe('whatever happens in whatever order', () => {
  const event = fc.oneof(
    fc.record({ kind: fc.constantFrom('alarm', 'wake', 'sleep', 'spell'), wait: fc.nat(90_000) }),
    fc.record({
      kind: fc.constantFrom('scan', 'typed', 'approve', 'decline'),
      wait: fc.nat(30_000),
      account: fc.constantFrom('alice', 'mallory'),
      code: fc.nat(3),
      match: fc.constantFrom(null, '47', '48'),
    }),
  )

  it('only the account that holds the companion, with a code that was shown and has not ended, ever links', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), fc.constantFrom(null, '47'), (events, match) => {
        let [state, now, count]: [LinkState, number, number] = [opened, 0, 0]
        const [shown, typed] = [['first'], [] as string[]]
        for (const next of events) {
          now += next.wait
          const context = at(now, `code-${++count}`)
          const isToken =
            'code' in next && next.kind !== 'scan' && state.name === 'held' && state.hold.typed !== undefined
          const scanned = 'code' in next ? (shown.at(-1 - next.code) ?? 'first') : ''
          const hash = isToken ? `token of ${typed.at(-1 - next.code) ?? ''}` : scanned
          const before = state
          const plan = planSpell(state, context.now)
          const step: LinkStep<unknown> =
            'account' in next
              ? next.kind === 'scan'
                ? onScan(state, scanEvent(hash, next.account, match), context)
                : next.kind === 'typed'
                  ? onScan(state, typedEvent(typed.at(-1 - next.code) ?? '', next.account), context)
                  : next.kind === 'approve'
                    ? onApprove(state, approveEvent(hash, next.account, next.match), context)
                    : onDecline(state, approveEvent(hash, next.account), context)
              : next.kind === 'alarm'
                ? onAlarm(state, context)
                : next.kind === 'wake'
                  ? onWake(state, context)
                  : next.kind === 'sleep'
                    ? onSleep(state)
                    : onSpell(state, typeof plan === 'string' ? draft(`typed-${count}`) : plan, context)
          ;({ state } = step)
          if (step.say.includes('qr')) shown.push(`code-${count}`)
          if (state.name === 'spelled' && step.say.includes('spelled')) {
            typed.push(state.typed.code)
            expect(before.name === 'held' && context.now < before.hold.expiresAt).toBe(false)
            expect(state.typed.expiresAt).toBe(context.now + SPELL_MS)
          }
          if (state.name === 'held' && state.hold !== (before as { hold?: unknown }).hold && state.hold.typed) {
            expect(state.hold.match).toBe('47')
            if (before.name === 'spelled') expect(context.now).toBeLessThan(before.typed.expiresAt)
          }
          if (state.name === 'linking' && before.name !== 'linking') {
            expect(before.name).toBe('held')
            expect('account' in next && next.account).toBe(state.hold.account)
            expect(state.hold.codes).toContain(hash)
            if (state.hold.typed !== undefined) expect('match' in next && next.match).toBe('47')
            expect(context.now).toBeLessThan(state.hold.expiresAt)
            if (match !== null) expect('match' in next && next.match).toBe(match)
          }
          if (state.name === 'waiting') {
            expect(state.rotation).toBeLessThanOrEqual(settings.rotations)
            expect(state.code.hash).toBe(shown.at(-1))
          }
        }
      }),
      { numRuns: 500 },
    )
  })
})
