/**
 * The export as one ZIP archive, made while it is read: pages come from the account and media from R2 one after the
 * other, each asked for when the reader has taken what was before. Nothing is compressed: media is already, and the rest
 * is small beside it.
 */
import { Zip, ZipPassThrough } from 'fflate/browser'
import { utf8 } from '../protocol/bytes.ts'
import { EXPORT_BYTES, EXPORT_FILES } from '../protocol/limits.ts'
import type { ExportedMedia, ExportPage, ExportPart } from './rpc.ts'

export interface ExportSource {
  /** @throws when the account cannot be asked any more: the archive breaks off */
  page: (part: ExportPart, after: string | null) => Promise<ExportPage>
  /** Absent where the service runs without media. */
  bucket: R2Bucket | undefined
  now: number
}

/** The archive's bytes. A reader that goes away ends the making of it. */
export function exportArchive(source: ExportSource): ReadableStream<Uint8Array> {
  const chunks = archive(source)
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next()
        if (done === true) controller.close()
        else controller.enqueue(value)
      },
      async cancel() {
        await chunks.return(undefined)
      },
    },
    // One chunk at a time: what was not asked for is not fetched.
    { highWaterMark: 0 },
  )
}

async function* archive(source: ExportSource): AsyncGenerator<Uint8Array, undefined> {
  const ready: Uint8Array[] = []
  const zip = new Zip((error, chunk) => {
    if (error !== null) throw error
    ready.push(chunk)
  })
  const begin = (name: string): ZipPassThrough => {
    const file = new ZipPassThrough(name)
    file.mtime = source.now
    zip.add(file)
    return file
  }
  let bytes = 0
  function* written(): Generator<Uint8Array> {
    for (const chunk of ready.splice(0)) {
      bytes += chunk.byteLength
      yield chunk
    }
  }

  for (const { name, part, lines } of DOCUMENTS) {
    const file = begin(name)
    for await (const text of documentOf(source, part, lines)) {
      file.push(utf8(text))
      yield* written()
    }
    file.push(new Uint8Array(), true)
    yield* written()
  }

  let files: number = DOCUMENTS.length
  const leftOut: string[] = []
  for await (const item of itemsOf(source, 'media')) {
    const { object, file: name, bytes: size } = JSON.parse(item) as ExportedMedia
    const fits = bytes + size < EXPORT_BYTES && files < EXPORT_FILES
    const found = fits ? await source.bucket?.get(object) : null
    if (found == null) {
      leftOut.push(name)
      continue
    }
    files++
    const file = begin(name)
    for await (const chunk of found.body) {
      file.push(chunk)
      yield* written()
    }
    file.push(new Uint8Array(), true)
    yield* written()
  }

  if (leftOut.length > 0) {
    begin('left-out.txt').push(utf8(`${leftOut.join('\n')}\n`), true)
    yield* written()
  }
  zip.end()
  yield* written()
  return undefined
}

/** The parts that are documents, in the order of the archive; `lines`: JSON Lines, one item a line. */
const DOCUMENTS: readonly { name: string; part: ExportPart; lines: boolean }[] = [
  { name: 'account.json', part: 'account', lines: false },
  { name: 'conversations.json', part: 'conversations', lines: false },
  { name: 'messages.jsonl', part: 'messages', lines: true },
  { name: 'media.jsonl', part: 'media', lines: true },
]

/** The text of a document, page by page. */
async function* documentOf({ page }: ExportSource, part: ExportPart, lines: boolean): AsyncGenerator<string> {
  if (part === 'account') {
    yield `${(await page(part, null)).items.join('\n')}\n`
    return
  }
  let separator = lines ? '' : '[\n'
  for (let after: string | null = null; ;) {
    const { items, next }: ExportPage = await page(part, after)
    if (items.length > 0) {
      yield separator + items.join(lines ? '\n' : ',\n')
      separator = lines ? '\n' : ',\n'
    }
    if (next === null) break
    after = next
  }
  if (lines) yield separator
  else yield separator === '[\n' ? '[]\n' : '\n]\n'
}

async function* itemsOf({ page }: ExportSource, part: ExportPart): AsyncGenerator<string> {
  for (let after: string | null = null; ;) {
    const { items, next }: ExportPage = await page(part, after)
    yield* items
    if (next === null) return
    after = next
  }
}
