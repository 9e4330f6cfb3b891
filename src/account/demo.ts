/** Fills a new account with the demo's conversations, and its photos from the Worker's own assets into the bucket. */
import * as v from 'valibot'
import { insertPeer, markPeer, markRead, showConversation } from './conversations.ts'
import { DEMO_CONTACTS } from './demo-content.ts'
import { insertMedia } from './media.ts'
import { insertMessage } from './messages.ts'
import type { DeliveredMedia } from './rpc.ts'
import { ME, type ConversationRow } from './rows.ts'

/** The demo's photos by name, as media without an id yet. */
export type DemoPhotos = ReadonlyMap<string, Omit<DeliveredMedia, 'id'>>

const fileName = v.pipe(v.string(), v.regex(/^[a-z0-9-]+\.webp$/))
const size = v.pipe(v.number(), v.safeInteger(), v.minValue(1))
const photoList = v.array(
  v.object({
    name: v.string(),
    file: fileName,
    thumb: v.optional(v.nullable(fileName)),
    width: size,
    height: size,
    bytes: size,
  }),
)

/** Assets are asked for by path; the binding wants an absolute address all the same. */
const ASSETS_ORIGIN = 'https://assets.invalid'
const PHOTO_TYPE = 'image/webp'

/** Copies the photos into the bucket where they are missing. Without a bucket, or without assets, there are none. */
export async function loadDemoPhotos(env: Pick<Env, 'ASSETS' | 'MEDIA'>): Promise<DemoPhotos> {
  const bucket = env.MEDIA
  if (bucket === undefined) return new Map()
  const listing = await env.ASSETS.fetch(`${ASSETS_ORIGIN}/demo/index.json`)
  const parsed = listing.ok ? v.safeParse(photoList, await listing.json().catch(() => null)) : null
  if (parsed?.success !== true) return new Map()
  const photos = new Map<string, Omit<DeliveredMedia, 'id'>>()
  await Promise.all(
    parsed.output.map(async ({ name, file, thumb, width, height, bytes }) => {
      const files = thumb == null ? [file] : [file, thumb]
      const sizes = await Promise.all(files.map((each) => copyToBucket(env.ASSETS, bucket, each)))
      if (sizes.includes(null)) return
      const thumbObject = thumb == null ? {} : { thumbObject: objectOf(thumb) }
      photos.set(name, { object: objectOf(file), ...thumbObject, contentType: PHOTO_TYPE, bytes, width, height })
    }),
  )
  return photos
}

/** Writes the demo's conversations into an account that was just made, in the caller's transaction. */
export function seedDemo(sql: SqlStorage, photos: DemoPhotos, now: number): void {
  const peers = DEMO_CONTACTS.map((contact, index) => {
    const avatar = photos.get(contact.avatar)
    const peer = insertPeer(sql, {
      account: `demo-${index + 1}`,
      name: contact.name,
      ...(avatar === undefined ? {} : { avatar: { id: contact.avatar, ...avatar } }),
      version: 1,
    })
    showConversation(sql, peer.key)
    return { contact, peer, seqs: [] as number[] }
  })
  // In the order of time, so that the newest conversation leads the list.
  const messages = peers
    .flatMap((entry) => entry.contact.messages.map((message) => ({ entry, message })))
    .toSorted((a, b) => b.message.minutes - a.message.minutes)
  for (const { entry, message } of messages) {
    const mine = message.mine === true
    const photo = message.photo === undefined ? undefined : photos.get(message.photo)
    entry.seqs.push(
      insertMessage(sql, {
        conversation: entry.peer,
        author: mine ? ME : entry.peer.key,
        id: crypto.randomUUID(),
        sentAt: now - message.minutes * 60_000,
        text: message.text ?? null,
        media: photo === undefined ? null : insertMedia(sql, photo, mine),
        replyTo: null,
      }).row.seq,
    )
  }
  for (const { contact, peer, seqs } of peers) settleConversation(sql, peer, seqs, contact.unread)
}

function settleConversation(sql: SqlStorage, peer: ConversationRow, seqs: number[], unread: number): void {
  const read = seqs.at(-1 - unread)
  if (read !== undefined) {
    markRead(sql, peer, read)
    markPeer(sql, peer.key, { read })
  }
}

/** @returns its size in bytes; null when there is no such asset */
async function copyToBucket(assets: Fetcher, bucket: R2Bucket, file: string): Promise<number | null> {
  const object = objectOf(file)
  const there = await bucket.head(object)
  if (there !== null) return there.size
  const asset = await assets.fetch(`${ASSETS_ORIGIN}/demo/${file}`)
  if (!asset.ok) return null
  const bytes = await asset.arrayBuffer()
  await bucket.put(object, bytes, { httpMetadata: { contentType: PHOTO_TYPE } })
  return bytes.byteLength
}

function objectOf(file: string): string {
  return `demo/${file}`
}
