/** The steps of a run: what may happen, how often, and how it is done to a world. Numbers are taken modulo what is there. */
import fc from 'fast-check'
import { FAILING_CALLS, type FailingCall, type When } from './faults.ts'
import { ACCOUNTS, DEVICES, type World } from './world.ts'

export type Step =
  | { do: 'rest' }
  | { do: 'send'; device: number; peer: number; count: number }
  | { do: 'start'; device: number; peer: number }
  | { do: 'read'; device: number; peer: number; back: number }
  | { do: 'delete'; device: number; peer: number; back: number; for: 'me' | 'all' }
  | { do: 'type'; device: number; peer: number; on: boolean }
  | { do: 'rename'; account: number }
  | { do: 'unlink'; device: number }
  | { do: 'drop'; device: number; silently: boolean }
  | { do: 'connect'; device: number; withCursor: boolean }
  | { do: 'evict'; object: number }
  | { do: 'fail'; call: FailingCall; when: When; times: number }
  | { do: 'alarm'; object: number; how: 'due' | 'early' | 'twice'; late: number }
  | { do: 'answers' }

const anyDevice = fc.nat(ACCOUNTS * DEVICES - 1)
const anyObject = fc.nat(ACCOUNTS * DEVICES - 1)
const anyPeer = fc.nat(ACCOUNTS - 2)
const anyBack = fc.nat(4)
const many = (most: number) => fc.integer({ min: 1, max: most })

/** Any step. They shrink towards `rest`, so a counterexample keeps its length and shows what matters. */
export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { withCrossShrink: true },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rest' as const) }) },
  {
    weight: 18,
    arbitrary: fc.record({ do: fc.constant('send' as const), device: anyDevice, peer: anyPeer, count: many(3) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('start' as const), device: anyDevice, peer: anyPeer }) },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('read' as const), device: anyDevice, peer: anyPeer, back: anyBack }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('delete' as const),
      device: anyDevice,
      peer: anyPeer,
      back: anyBack,
      for: fc.constantFrom('me' as const, 'all' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('type' as const), device: anyDevice, peer: anyPeer, on: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rename' as const), account: fc.nat(ACCOUNTS - 1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unlink' as const), device: anyDevice }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('drop' as const), device: anyDevice, silently: fc.boolean() }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('connect' as const),
      device: anyDevice,
      withCursor: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('evict' as const), object: anyObject }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('fail' as const),
      call: fc.constantFrom(...FAILING_CALLS),
      when: fc.constantFrom('before' as const, 'after' as const),
      times: many(2),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('alarm' as const),
      object: anyObject,
      how: fc.constantFrom('due' as const, 'early' as const, 'twice' as const),
      late: fc.constantFrom(0, 1, 4_000, 60_000),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('answers' as const) }) },
)

/** Does one step. What is asked is not waited for: the next step may come in between. */
export async function perform(world: World, step: Step): Promise<void> {
  switch (step.do) {
    case 'rest':
      return
    case 'rename': {
      const person = at(world.people, step.account)
      return world.rename(person, `${step.account} ${crypto.randomUUID().slice(0, 8)}`)
    }
    case 'unlink': {
      const person = at(world.people, Math.floor(step.device / DEVICES))
      const device = at(person.devices, step.device % DEVICES)
      await world.answered()
      if (device.name !== 'phone' && device.isCertain) await world.unlink(person, device)
      return
    }
    case 'drop':
      return at(world.devices(), step.device).drop(step.silently)
    case 'connect':
      return at(world.devices(), step.device).connect(step.withCursor)
    case 'evict':
      return world.evict(at(world.objects(), step.object))
    case 'fail':
      return world.faults.plan(step.call, step.when, step.times)
    case 'alarm':
      return world.alarm(at(world.objects(), step.object), step.how, step.late)
    case 'answers': {
      for (const device of world.devices()) device.askAgain()
      return world.answered()
    }
    case 'send':
    case 'start':
    case 'read':
    case 'delete':
    case 'type':
      return ask(world, step)
  }
}

/** The steps that are a request of one device about one peer. The first one to a peer begins the conversation. */
function ask(world: World, step: Extract<Step, { device: number; peer: number }>): void {
  const device = at(world.devices(), step.device)
  const peers = world.people.filter(({ id }) => id !== device.account)
  const peer = at(peers, step.peer).id
  const conversation = device.conversationWith(peer)
  if (step.do === 'start' || conversation === undefined) return device.ask({ type: 'start', account: peer })
  if (step.do === 'type') return device.typing(conversation, step.on)
  if (step.do === 'send') {
    for (let count = 0; count < step.count; count++) {
      const id = crypto.randomUUID()
      device.ask({ type: 'send', id, conversation, text: `text ${id.slice(0, 8)}` })
    }
    return
  }
  const known = device.state.threads.get(conversation)?.messages ?? []
  const message = known.at(-1 - step.back) ?? known[0]
  if (message === undefined) return
  if (step.do === 'read') return device.ask({ type: 'read', conversation, upTo: message.seq })
  const everywhere = step.for === 'all' && message.from === 'me'
  device.ask({ type: 'delete', conversation, id: message.id, for: everywhere ? 'all' : 'me' })
}

function at<T>(list: readonly T[], index: number): T {
  const found = list[index % list.length]
  if (found === undefined) throw new Error('there is nothing to choose from')
  return found
}
