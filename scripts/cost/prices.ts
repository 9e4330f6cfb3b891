/**
 * Cloudflare's published prices, in US dollars: the one place where they stand. Read 2026-11-22 in stored copies of the
 * pages named beside them, of which the newest is from 2026; look them up before you rely on a figure.
 */

/** What is metered, and how: an amount a month is included in the paid plan, an amount a day is all of the free one. */
export interface Price {
  name: string
  /** What one of it is, in words. */
  unit: string
  /** Dollars for a million units (for storage: for a GB-month). */
  dollars: number
  /** Units a month that the paid plan includes. */
  included: number
  /** Units a day on the free plan; of storage, in all. */
  freeADay: number
  source: string
}

export type Resource =
  | 'workerRequests'
  | 'workerCpuMs'
  | 'objectRequests'
  | 'objectGbSeconds'
  | 'rowsRead'
  | 'rowsWritten'
  | 'objectGb'
  | 'r2ClassA'
  | 'r2ClassB'
  | 'r2Gb'

export const PRICES_READ = '2026-11-22'
/** The paid plan's minimum, a month. */
export const PLAN_DOLLARS = 5

const WORKERS = 'https://developers.cloudflare.com/workers/platform/pricing/'
const OBJECTS = 'https://developers.cloudflare.com/durable-objects/platform/pricing/'
const R2 = 'https://developers.cloudflare.com/r2/pricing/'
const MILLION = 1_000_000
const DAYS = 30

export const PRICES: Record<Resource, Price> = {
  workerRequests: {
    name: 'Worker requests',
    unit: 'a million requests',
    dollars: 0.3,
    included: 10 * MILLION,
    freeADay: 100_000,
    source: WORKERS,
  },
  // The free plan has no sum of CPU: 10 ms for each request instead.
  workerCpuMs: {
    name: 'Worker CPU',
    unit: 'a million milliseconds',
    dollars: 0.02,
    included: 30 * MILLION,
    freeADay: Infinity,
    source: WORKERS,
  },
  objectRequests: {
    name: 'Object requests',
    unit: 'a million requests',
    dollars: 0.15,
    included: MILLION,
    freeADay: 100_000,
    source: OBJECTS,
  },
  objectGbSeconds: {
    name: 'Object duration',
    unit: 'a million GB-seconds',
    dollars: 12.5,
    included: 400_000,
    freeADay: 13_000,
    source: OBJECTS,
  },
  rowsRead: {
    name: 'Rows read',
    unit: 'a million rows',
    dollars: 0.001,
    included: 25_000 * MILLION,
    freeADay: 5 * MILLION,
    source: OBJECTS,
  },
  rowsWritten: {
    name: 'Rows written',
    unit: 'a million rows',
    dollars: 1,
    included: 50 * MILLION,
    freeADay: 100_000,
    source: OBJECTS,
  },
  objectGb: {
    name: 'Object storage',
    unit: 'a GB-month',
    dollars: 0.2,
    included: 5,
    freeADay: 5,
    source: OBJECTS,
  },
  r2ClassA: {
    name: 'R2 class A (put)',
    unit: 'a million operations',
    dollars: 4.5,
    included: MILLION,
    freeADay: MILLION / DAYS,
    source: R2,
  },
  r2ClassB: {
    name: 'R2 class B (head, get)',
    unit: 'a million operations',
    dollars: 0.36,
    included: 10 * MILLION,
    freeADay: (10 * MILLION) / DAYS,
    source: R2,
  },
  r2Gb: { name: 'R2 storage', unit: 'a GB-month', dollars: 0.015, included: 10, freeADay: 10, source: R2 },
}

/** Messages that come in on sockets are billed as this many to one request. */
export const MESSAGES_A_REQUEST = 20
/** What an object is billed for each second, whatever it uses. */
export const OBJECT_GB = 0.128

/** What is billed by the piece of a million; storage is by the GB-month. */
export function isStored(resource: Resource): boolean {
  return resource === 'objectGb' || resource === 'r2Gb'
}
