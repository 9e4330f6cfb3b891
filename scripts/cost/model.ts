/** From what people do in a month to what is used and what it costs. Pure: the bill, the prices and the habits come in. */
import { isStored, PLAN_DOLLARS, PRICES, type Resource } from './prices.ts'
import { inBurst, stored, total, usageOf, type Bill, type Times, type Unit, type Usage } from './usage.ts'

/** Days of a month, as the plans' allowances are compared. */
export const DAYS = 30

/** What people do. Rates are means over everybody, also over those who do nothing that day. */
export interface Habits {
  /** People who use it in the month. */
  accounts: number
  /** Linked browsers in all. */
  companions: number
  /** Messages that a person sends a day. */
  messages: number
  /** Of them, the share that is written in a linked browser. */
  fromBrowser: number
  /** Messages within the ten seconds that share an alarm. */
  burst: number
  /** Conversations that a person reads a day. */
  reads: number
  /** Three seconds of typing, a day. */
  typing: number
  /** Times that a linked browser comes back, a day. */
  resumes: number
  /** Links that a person makes a month. */
  links: number
  /** Of them, by a code that was typed. */
  typed: number
  /** Seconds that a link page is open before it is linked. */
  pageSeconds: number
  /** Link pages that nobody scans, for each that is linked; each runs its six codes. */
  abandoned: number
  /** Times that the app is opened, a day; each goes on for a quarter of an hour at most. */
  opens: number
  /** New sign-ins for each person and month. */
  signIns: number
  /** Files that a person sends a day, and what each takes. */
  uploads: number
  uploadBytes: number
  /** Times that each file is looked at, by anybody. */
  downloads: number
  /** Months of messages and files that are kept. */
  months: number
  /** Isolates alive at once, each of which asks for the keys every ten minutes. */
  isolates: number
}

export const HABITS: Habits = {
  accounts: 1_000,
  companions: 1_000,
  messages: 30,
  fromBrowser: 0.5,
  burst: 3,
  reads: 20,
  typing: 60,
  resumes: 6,
  links: 0.3,
  typed: 0.02,
  pageSeconds: 40,
  abandoned: 1,
  opens: 10,
  signIns: 0.1,
  uploads: 1,
  uploadBytes: 300_000,
  downloads: 4,
  months: 12,
  isolates: 100,
}

/** One line of what is used in a month. */
export interface Line {
  name: string
  /** How often, a month. */
  times: number
  usage: Usage
}

export interface Cost {
  resource: Resource
  used: number
  dollars: number
}

const ROTATE_SECONDS = 20
const ROTATIONS = 6

/** What single things use: the table that the model is made of. */
export function unitUsages(bill: Bill, times: Times, burst = 1): Record<string, Usage> {
  const of = (name: string): Usage => usageOf(inBurst(unitOf(bill, name), burst), times)
  const part = (name: string, than: string, by = 1): Usage => total([of(name), 1 / by], [of(than), -1 / by])
  const longRun = unitOf(bill, 'message.longRun')
  const messages = longRun.objectRequests['Account.deliver'] ?? 1
  const single = unitOf(bill, 'message.toNone')
  const more = (row: string): number => (longRun.rowsWritten[row] ?? 0) / messages - (single.rowsWritten[row] ?? 0)
  // Every event is removed once: a thousand of them cost a thousand rows, and read as many.
  const events = single.rowsWritten['Account: insert events'] ?? 0
  const upkeep = {
    ...total(),
    rowsWritten: events + more('Account: update conversations') + more('Account: insert search'),
    rowsRead: events,
  }
  return {
    pageMinute: total([of('page.rotation'), 60 / ROTATE_SECONDS], [of('page.wake'), 60 / ROTATE_SECONDS / ROTATIONS]),
    pageOpen: total([of('page.open'), 1]),
    pageLeave: of('page.leave'),
    link: of('link'),
    linkTyped: of('link.typed'),
    idleHour: of('idle.hour'),
    idleMonth: total([of('idle.hour'), 24 * DAYS], [of('idle.month'), 1]),
    resume: of('resume'),
    message: total([of('message.toNone'), 1], [upkeep, 1]),
    messageToBrowser: part('message.toFour', 'message.toOne', 3),
    messageOfBrowser: part('message.ownBrowser', 'message.toNone'),
    messageFromBrowser: part('message.fromBrowser', 'message.ownBrowser'),
    messageToOne: total([of('message.toOne'), 1], [upkeep, 1]),
    messageToFour: total([of('message.toFour'), 1], [upkeep, 1]),
    read: of('read'),
    typing: of('typing'),
    upload: of('upload'),
    download: of('download'),
    photo: part('message.photo', 'message.toNone'),
    signIn: of('phone.signIn'),
    refresh: of('phone.refresh'),
    open: of('phone.open'),
    keys: of('keys'),
  }
}

/** What is used in a month, by what people do. */
export function monthOf(bill: Bill, habits: Habits, times: Times): Line[] {
  const { accounts, companions } = habits
  const unit = unitUsages(bill, times, Math.max(1, habits.burst))
  const messages = accounts * habits.messages * DAYS
  const browsers = accounts === 0 ? 0 : companions / accounts
  const links = accounts * habits.links
  const pages = links * (1 + habits.abandoned)
  const minutes = (links * habits.pageSeconds) / 60 + (links * habits.abandoned * ROTATE_SECONDS * ROTATIONS) / 60
  const uploads = accounts * habits.uploads * DAYS
  const bytes =
    accounts * bytesOf(bill, 'account') +
    companions * bytesOf(bill, 'companion') +
    messages * habits.months * bytesOf(bill, 'message')
  return [
    line(
      'link pages, opened',
      pages,
      total([unit.pageOpen!, 1], [unit.pageLeave!, habits.abandoned / (1 + habits.abandoned)]),
    ),
    line('link pages, minutes open', minutes, unit.pageMinute),
    line('links', links, total([unit.link!, 1 - habits.typed], [unit.linkTyped!, habits.typed])),
    line('linked browsers, idle months', companions, unit.idleMonth),
    line('linked browsers come back', companions * habits.resumes * DAYS, unit.resume),
    line(
      'messages',
      messages,
      total(
        [unit.message!, 1],
        [unit.messageToBrowser!, browsers],
        [unit.messageOfBrowser!, browsers],
        [unit.messageFromBrowser!, habits.fromBrowser],
      ),
    ),
    line('conversations read', accounts * habits.reads * DAYS, unit.read),
    line('typing, three seconds', accounts * habits.typing * DAYS, unit.typing),
    line('files sent', uploads, total([unit.upload!, 1], [unit.photo!, 1])),
    line('files looked at', uploads * habits.downloads, unit.download),
    line('phones open the app', accounts * habits.opens * DAYS, total([unit.open!, 1], [unit.refresh!, 1])),
    line('sign-ins', accounts * habits.signIns, unit.signIn),
    line('isolates ask for the keys', habits.isolates * 6 * 24 * DAYS, unit.keys),
    line('kept', 1, stored(bytes, uploads * habits.months * habits.uploadBytes)),
  ]
}

/** What a usage costs on the paid plan. @param isMarginal - with what the plan includes used up by others */
export function costOf(usage: Usage, isMarginal = false): Cost[] {
  return (Object.keys(PRICES) as Resource[]).map((resource) => {
    const { dollars, included } = PRICES[resource]
    const billed = isMarginal ? usage[resource] : Math.max(0, usage[resource] - included)
    return { resource, used: usage[resource], dollars: (billed * dollars) / (isStored(resource) ? 1 : 1_000_000) }
  })
}

/** The sum, with the plan's minimum unless it is marginal. */
export function dollarsOf(usage: Usage, isMarginal = false): number {
  return costOf(usage, isMarginal).reduce((sum, { dollars }) => sum + dollars, isMarginal ? 0 : PLAN_DOLLARS)
}

/** How many of a thing the free plan carries a day if nothing else is done, and what ends it. Storage is no matter of a day. */
export function freeADay(usage: Usage): { times: number; endedBy: Resource | null } {
  let [times, endedBy] = [Infinity, null as Resource | null]
  for (const resource of Object.keys(PRICES) as Resource[]) {
    if (isStored(resource) || usage[resource] <= 0) continue
    const carried = PRICES[resource].freeADay / usage[resource]
    if (carried < times) [times, endedBy] = [carried, resource]
  }
  return { times, endedBy }
}

function line(name: string, times: number, usage: Usage = total()): Line {
  return { name, times, usage: total([usage, times]) }
}

function unitOf(bill: Bill, name: string): Unit {
  const unit = bill.units[name]
  if (unit === undefined) throw new Error(`bench/bill.json has no unit ${name}`)
  return unit
}

function bytesOf(bill: Bill, name: string): number {
  const kept = bill.stored[name]
  if (kept === undefined) throw new Error(`bench/bill.json says nothing of the room that is taken by: ${name}`)
  return kept.bytes
}
