// A conversation of the demo with other messages in it than the service has: of every kind, and as old as one wants.

const MINUTE_MS = 60_000
/** Addresses of media are the page's own files; nothing of them expires while a picture is taken. */
const HOUR_MS = 60 * MINUTE_MS
/** Where the page finds {@link TONE}; `routes` of the state answers it. */
const TONE_URL = '/v1/media/tone.wav'

/**
 * A rewriting of what the service says: the conversation `title` holds `written`, oldest first, each `{ text, media,
 * mine, minutes, reply, deleted }`: `minutes` ago, `reply` the index of what it answers.
 * @param options.unread so many of the newest are not read
 * @param options.readBy so many of all the other side has read @param options.hold history that is never answered
 */
export function conversation(title, written, { unread = 0, readBy = written.length, hold = false } = {}) {
  let known = null
  const now = Date.now()

  function messagesOf({ id, peer }) {
    return written.map(({ text, media: attached, mine, minutes, reply, deleted }, index) => ({
      id: `message-${index}`,
      conversation: id,
      seq: index + 1,
      from: mine ? 'me' : peer.account,
      sentAt: now - minutes * MINUTE_MS,
      ...(deleted ? { deleted: true } : { text, media: attached }),
      ...(reply === undefined ? {} : { replyTo: `message-${reply}` }),
    }))
  }

  function rewritten(chat) {
    if (chat.title !== title) return chat
    known ??= { id: chat.id, messages: messagesOf(chat) }
    return {
      ...chat,
      peer: { ...chat.peer, deliveredUpTo: written.length, readUpTo: readBy },
      unread,
      readUpTo: written.length - unread,
      last: known.messages.at(-1) ?? null,
    }
  }

  return {
    in: (frame) =>
      frame.type === 'snapshot' ? { ...frame, conversations: frame.conversations.map(rewritten) } : frame,
    out({ type, ref, conversation: id, before = Infinity, limit = 50 }) {
      if (known === null || id !== known.id) return null
      // What is unread stays so, however long the picture takes.
      if (type === 'read') return { type: 'ok', ref }
      if (type !== 'history') return null
      if (hold) return { type: 'pending' }
      const older = known.messages.filter(({ seq }) => seq < before)
      return { type: 'ok', ref, messages: older.slice(-limit), more: older.length > limit }
    },
  }
}

export function photo(name, width = 960, height = 720) {
  return {
    ...media(`photo-${name}`, 'image/webp', 112_664),
    name: `${name}.webp`,
    width,
    height,
    url: `/demo/${name}.webp`,
    thumb: `/demo/${name}-thumb.webp`,
  }
}

/** @param name none: a voice message */
export function sound(duration, name) {
  return {
    ...media(`sound-${name ?? duration}`, 'audio/wav', duration * (name === undefined ? 4_000 : 16_000)),
    url: TONE_URL,
    duration,
    ...(name === undefined ? {} : { name }),
  }
}

export function film(name) {
  return {
    ...photo(name),
    ...media(`film-${name}`, 'video/mp4', 8_400_000),
    duration: 42,
    url: '/v1/media/film',
    name: `${name}.mp4`,
  }
}

export function file(name, bytes) {
  return { ...media(`file-${name}`, 'application/octet-stream', bytes), name, url: '/v1/media/file' }
}

/** Answers for what plays: something as loud and as still as a voice, for so many seconds, as WAVE. */
export function speech(seconds) {
  const rate = 8_000
  const data = Buffer.from(
    Array.from({ length: rate * seconds }, (_, at) => {
      const second = at / rate
      const loud =
        Math.abs(Math.sin(second * 5.3) * Math.sin(second * 1.9)) * (Math.sin(second * 0.9) > -0.5 ? 1 : 0.05)
      return 128 + Math.round(100 * loud * Math.sin(second * 2 * Math.PI * 180))
    }),
  )
  const header = Buffer.alloc(44)
  header.write('RIFF')
  header.writeUInt32LE(36 + data.length, 4)
  header.write('WAVEfmt ', 8)
  for (const [at, value] of [
    [16, 16],
    [24, rate],
    [28, rate],
    [40, data.length],
  ]) {
    header.writeUInt32LE(value, at)
  }
  for (const [at, value] of [
    [20, 1],
    [22, 1],
    [32, 1],
    [34, 8],
  ]) {
    header.writeUInt16LE(value, at)
  }
  header.write('data', 36)
  const body = Buffer.concat([header, data])
  // In parts, or one could not go on from anywhere but the beginning.
  return (route) => {
    const from = Number(/bytes=(\d+)-/.exec(route.request().headers().range ?? '')?.[1] ?? 0)
    const headers = { 'accept-ranges': 'bytes', 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` }
    return route.fulfill({ status: 206, contentType: 'audio/wav', headers, body: body.subarray(from) })
  }
}

function media(id, contentType, bytes) {
  return { id, contentType, bytes, url: '', expiresAt: Date.now() + HOUR_MS }
}
