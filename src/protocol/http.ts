/** Bodies of the phone's HTTP calls (contract, section 4): schemas of what comes in, types of what goes out. */
import * as v from 'valibot'
import type { AccountCard, DeviceCard, DeviceDetail, Place } from './model.ts'
import { nameSchema } from './requests.ts'

const shortText = v.pipe(v.string(), v.minLength(1), v.maxLength(256))
/** A token may be any string: what cannot be used is 410, not 400; only a missing one is 400. */
const token = v.string()

export const codeRequest = v.object({ number: shortText })
export const sessionRequest = v.object({ number: shortText, code: shortText })
export const refreshRequest = v.object({ refreshToken: v.pipe(v.string(), v.minLength(1), v.maxLength(512)) })
export const scanRequest = v.pipe(
  v.object({ token: v.optional(token), code: v.optional(v.string()) }),
  v.check((body) => (body.token === undefined) !== (body.code === undefined)),
)
export const approveRequest = v.object({
  token,
  match: v.optional(v.pipe(v.string(), v.regex(/^[1-9][0-9]$/))),
  name: v.optional(nameSchema),
})
export const declineRequest = v.object({ token })
export const deviceRequest = v.object({ name: nameSchema })
export const accountRequest = v.object({
  name: v.optional(nameSchema),
  avatar: v.optional(v.nullable(shortText)),
})

/** Whose links an operator ends: one of three names of an account; and which. */
export const operatorRequest = v.pipe(
  v.object({
    account: v.optional(shortText),
    number: v.optional(shortText),
    subject: v.optional(shortText),
    what: v.picklist(['devices', 'sessions', 'all']),
  }),
  v.check(
    ({ account, number, subject }) => [account, number, subject].filter((name) => name !== undefined).length === 1,
  ),
)

export interface CodeAnswer {
  /** Seconds until another code should be asked for. */
  retryAfter: number
  /** Only where the operator switched the echo on for local use. */
  code?: string
}

export interface SessionAnswer {
  accessToken: string
  expiresAt: number
  refreshToken: string
  account: AccountCard
}

/** How far the phone is from the browser (S1). */
export type Network = 'same' | 'near' | 'far'

/** What the phone shows before it approves (S8). */
export interface LinkRequestCard {
  browser: string
  os: string
  ip: string
  place: Place
  network: Network
  requestedAt: number
  issuedAt: number
  expiresAt: number
}

export interface ScanAnswer {
  request: LinkRequestCard
  match: 'none' | 'required'
  /** After a typed code: the token to go on with. */
  token?: string
}

export interface ApproveAnswer {
  device: DeviceCard
}

export interface DevicesAnswer {
  devices: DeviceDetail[]
}

/** What an operator's command ended; 0 where nothing was left to end. */
export interface OperatorAnswer {
  devices: number
  /** Signed-in phones of the embedded identity; an outside issuer's are not counted here. */
  sessions: number
}

export interface HealthAnswer {
  ok: true
  /** What the operator still has to set up. */
  setup?: 'identity'[]
}
