/**
 * Reads what a server sends. A client ignores what it does not know, so anything unusable is null and never a fault.
 * Only what the client itself steers by is checked; the rest is the server's word.
 */
import type { ServerFrame } from '../protocol/frames.ts'

type Check = (frame: Record<string, unknown>) => boolean

const CHECKS: { [K in ServerFrame['type']]: Check } = {
  qr: (frame) =>
    isText(frame.image) &&
    isText(frame.device) &&
    isNumber(frame.issuedAt) &&
    isNumber(frame.expiresAt) &&
    isNumber(frame.rotation) &&
    isNumber(frame.rotations),
  idle: () => true,
  scanned: (frame) =>
    isNumber(frame.issuedAt) && isNumber(frame.expiresAt) && (frame.match === null || isText(frame.match)),
  declined: () => true,
  linked: (frame) => isDevice(frame.device) && isAccount(frame.account),
  spelled: (frame) => isText(frame.code) && isNumber(frame.issuedAt) && isNumber(frame.expiresAt),
  challenge: (frame) => isText(frame.nonce),
  resumed: (frame) => isNumber(frame.cursor) && isDevice(frame.device) && isAccount(frame.account),
  snapshot: (frame) =>
    isCursor(frame.cursor) && isAccount(frame.account) && isListOf(frame.conversations, isConversation),
  event: (frame) => isCursor(frame.cursor) && isEvent(frame.event),
  typing: (frame) => isText(frame.conversation) && typeof frame.on === 'boolean',
  ok: (frame) =>
    isText(frame.ref) &&
    (frame.message === undefined || isMessage(frame.message)) &&
    (frame.conversation === undefined || isConversation(frame.conversation)) &&
    (frame.messages === undefined || isListOf(frame.messages, isMessage)) &&
    (frame.conversations === undefined || isListOf(frame.conversations, isConversation)),
  error: (frame) => isText(frame.code),
  unlinked: (frame) => isText(frame.reason),
}

const EVENT_CHECKS: Record<string, Check> = {
  message: (event) => isMessage(event.message) && isNumber(event.unread),
  deleted: (event) => isText(event.conversation) && isText(event.id),
  status: (event) => isText(event.conversation) && isNumber(event.deliveredUpTo) && isNumber(event.readUpTo),
  read: (event) => isText(event.conversation) && isNumber(event.upTo) && isNumber(event.unread),
  conversation: (event) => isConversation(event.conversation),
  profile: (event) => isAccount(event.account),
  device: (event) => isDevice(event.device) && typeof event.linked === 'boolean',
}

/** @returns the frame, or null for one of an unknown type or without what its type must have */
export function parseServerFrame(text: string): ServerFrame | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (!isObject(value) || typeof value.type !== 'string' || !Object.hasOwn(CHECKS, value.type)) return null
  return CHECKS[value.type as ServerFrame['type']](value) ? (value as unknown as ServerFrame) : null
}

/** An event of a kind that is not known yet still moves the cursor, so it passes. */
function isEvent(value: unknown): boolean {
  if (!isObject(value) || typeof value.kind !== 'string') return false
  return !Object.hasOwn(EVENT_CHECKS, value.kind) || EVENT_CHECKS[value.kind]!(value)
}

function isMessage(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value.id) &&
    isText(value.conversation) &&
    isNumber(value.seq) &&
    isText(value.from) &&
    isNumber(value.sentAt)
  )
}

function isConversation(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value.id) &&
    typeof value.title === 'string' &&
    isObject(value.peer) &&
    isNumber(value.unread) &&
    isNumber(value.readUpTo) &&
    (value.last === null || isMessage(value.last))
  )
}

function isAccount(value: unknown): boolean {
  return isObject(value) && isText(value.id) && typeof value.name === 'string'
}

function isDevice(value: unknown): boolean {
  return isObject(value) && isText(value.id) && typeof value.name === 'string'
}

function isListOf(value: unknown, is: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(is)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value)
}

function isCursor(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
