/** A chat in a linked browser, and the friend at its other end. */
import { randomUUID } from 'node:crypto'
import type { BrowserContext, Page } from 'playwright-core'
import sharp from 'sharp'
import { call } from '../support/outside/http.ts'
import { approve, openPhone as dialPhone, scan, signIn, type Person } from '../support/outside/people.ts'
import type { TestSocket } from '../support/outside/socket.ts'
import { chatRow, openCompanion, seeChats, seeCode } from './companion.ts'
import { COMPUTER, type Windows } from './windows.ts'

type Origin = { readonly origin: string }

export interface Chat {
  page: Page
  friend: TestSocket
  conversation: string
}

/** A companion's page, linked, with the chat of a friend open. */
export async function linkedPage(windows: Windows, server: Origin, context?: BrowserContext): Promise<Chat> {
  const person = await signIn(server)
  const companion = await openCompanion(windows, context ?? (await windows.profile(COMPUTER)), server)
  const { token } = await seeCode(companion)
  await succeeds(scan(person, token))
  await succeeds(approve(person, token))
  await seeChats(companion.page)
  const { friend, conversation } = await befriend(server, person.number)
  await chatRow(companion.page, 'hello').click()
  return { page: companion.page, friend, conversation }
}

/** Somebody who has written to `number`. */
export async function befriend(
  server: Origin,
  number: string,
): Promise<{ person: Person; friend: TestSocket; conversation: string }> {
  const person = await signIn(server)
  const { socket } = await dialPhone(person)
  const { conversation } = await socket.ok({ type: 'start', number })
  await socket.ok({ type: 'send', id: randomUUID(), conversation: conversation.id, text: 'hello' })
  return { person, friend: socket, conversation: conversation.id }
}

/** Sends words. @returns the message's id */
export async function sendWords({ friend, conversation }: Chat, text: string, replyTo?: string): Promise<string> {
  const id = randomUUID()
  await friend.ok({ type: 'send', id, conversation, text, ...(replyTo === undefined ? {} : { replyTo }) })
  return id
}

/** Uploads and sends. @returns the message's id */
export async function sendMedia(
  server: Origin,
  socket: TestSocket,
  conversation: string,
  bytes: Buffer,
  announced: Record<string, unknown>,
  text?: string,
): Promise<string> {
  const { media, put } = await socket.ok({ type: 'upload', bytes: bytes.length, ...announced })
  const headers = { 'Content-Type': String(announced.contentType) }
  await succeeds(call(server.origin + put, { method: 'PUT', body: bytes, headers }))
  const id = randomUUID()
  await socket.ok({ type: 'send', id, conversation, media, ...(text === undefined ? {} : { text }) })
  return id
}

export function photo(width: number, height: number): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: '#2a7f8c' } })
    .png()
    .toBuffer()
}

/** So many seconds of silence, as WAVE. */
export function wave(seconds: number): Buffer {
  const rate = 8000
  const data = Buffer.alloc(rate * seconds, 128)
  const header = Buffer.alloc(44)
  header.write('RIFF')
  header.writeUInt32LE(36 + data.length, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(rate, 24)
  header.writeUInt32LE(rate, 28)
  header.writeUInt16LE(1, 32)
  header.writeUInt16LE(8, 34)
  header.write('data', 36)
  header.writeUInt32LE(data.length, 40)
  return Buffer.concat([header, data])
}

async function succeeds(answer: Promise<{ status: number; text: string }>): Promise<void> {
  const { status, text } = await answer
  if (status < 200 || status > 299) throw new Error(`${status} ${text.slice(0, 200)}`)
}
