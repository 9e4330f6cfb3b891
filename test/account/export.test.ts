import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { unzipSync } from 'fflate/browser'
import { describe, expect, it, vi } from 'vitest'
import { Account } from '../../src/account/account.ts'
import { exportArchive } from '../../src/account/export-archive.ts'
import { insertMedia } from '../../src/account/media.ts'
import type { ExportPage, ExportPart } from '../../src/account/rpc.ts'
import { EXPORT_PAGE, EXPORTS_AN_HOUR } from '../../src/protocol/limits.ts'
import { accountOf, Phone, refusal } from '../support/service.ts'
import { createPair, evict, sendText } from './support.ts'

const decoder = new TextDecoder()

/** The files of an archive by name, as text. */
async function filesOf(archive: ReadableStream<Uint8Array> | null): Promise<Record<string, string>> {
  const bytes = new Uint8Array(await new Response(archive).arrayBuffer())
  return Object.fromEntries(Object.entries(unzipSync(bytes)).map(([name, file]) => [name, decoder.decode(file)]))
}

function linesOf(text: string | undefined): Record<string, unknown>[] {
  return (text ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

describe('the export', () => {
  it('is one archive of everything: profile, conversations, messages in both directions, and media', async () => {
    const phone = await Phone.signIn()
    const stub = accountOf(phone.account.id)
    const [mine, lost] = await runInDurableObject(stub, (_, { storage }) =>
      ['seen', 'lost'].map((object) =>
        insertMedia(storage.sql, { object: `x/${object}`, contentType: 'image/webp', bytes: 4, name: 'a.webp' }, true),
      ),
    )
    await env.MEDIA?.put('x/seen', 'RIFF')
    const response = await phone.call('GET', '/v1/account/export')
    expect(response.headers.get('content-type')).toBe('application/zip')
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="tandem-export.zip"')
    const files = await filesOf(response.body)
    expect(JSON.parse(files['account.json'] ?? '')).toMatchObject({ id: phone.account.id, number: phone.number })
    expect(JSON.parse(files['conversations.json'] ?? '')).toEqual([])
    expect(files['messages.jsonl']).toBe('')
    expect(files[`media/${mine}.webp`]).toBe('RIFF')
    expect(files['left-out.txt']).toBe(`media/${lost}.webp\n`)
    expect(new Set(linesOf(files['media.jsonl']).map(({ id }) => id))).toEqual(new Set([mine, lost]))
  })

  it('holds every message of many pages once and in order, though the account is evicted between any two', async () => {
    const { ada, phoneA, conversation } = await createPair()
    await sendText(phoneA, conversation.id, 'first')
    const count = 3 * EXPORT_PAGE
    await runInDurableObject(ada.stub, (_, { storage: { sql } }) => {
      sql.exec(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
         INSERT INTO messages (conversation, seq, author, id, sent_at, text) SELECT 1, 1000 + i, 1, 'm' || i, i, 'text "' || i || char(10) FROM n`,
        count,
      )
    })
    const files = await filesOf(
      exportArchive({
        async page(part, after) {
          await evict(ada)
          const page = (await ada.stub.exportPage(ada.caller, part, after)) as { ok: boolean; value: ExportPage }
          return page.value
        },
        bucket: undefined,
        now: Date.now(),
      }),
    )
    const messages = linesOf(files['messages.jsonl'])
    expect(messages.map(({ seq }) => seq).slice(1)).toEqual(Array.from({ length: count }, (_, i) => 1001 + i))
    expect(messages[0]).toMatchObject({ from: 'me', text: 'first', conversation: conversation.id })
    expect(messages[1]).toMatchObject({ from: conversation.peer.account, text: 'text "1\n' })
    expect(JSON.parse(files['conversations.json'] ?? '')).toMatchObject([{ id: conversation.id }])
  })

  it('holds nothing of what its owner deleted, though it waits for the other side still', async () => {
    const { ada, phoneA, conversation } = await createPair()
    const failing = vi.spyOn(Account.prototype, 'deliver').mockRejectedValue(new Error('out of reach'))
    const { id } = await sendText(phoneA, conversation.id, 'not for the archive')
    await phoneA.request({ type: 'delete', conversation: conversation.id, id, for: 'me' })
    const answer = await ada.stub.exportPage(ada.caller, 'messages', null)
    failing.mockRestore()
    if (!answer.ok) throw new Error(answer.code)
    expect(answer.value.items.map((item) => JSON.parse(item))).toMatchObject([{ id, text: null, deleted: true }])
  })

  it('fetches nothing that its reader did not come for, and stops with it', async () => {
    const asked: (ExportPart | 'object')[] = []
    const item = JSON.stringify({ text: 'x'.repeat(1_000) })
    const source = {
      async page(part: ExportPart, after: string | null): Promise<ExportPage> {
        asked.push(part)
        // A hundred thousand pages: more than could ever be held.
        const page = Number(after ?? 0) + 1
        return { part, items: Array.from({ length: 100 }, () => item), next: page < 100_000 ? String(page) : null }
      },
      bucket: undefined,
      now: Date.now(),
    }
    const reader = exportArchive(source).getReader()
    for (let read = 0; read < 50; read++) {
      const { value } = await reader.read()
      expect(value?.byteLength).toBeLessThan(200_000)
      expect(asked.length).toBeLessThanOrEqual(read + 2)
    }
    await reader.cancel()
    const { length } = asked
    await new Promise((resolve) => queueMicrotask(() => resolve(null)))
    expect(asked).toHaveLength(length)
  })

  it('is the owner’s own, and limited', async () => {
    const phone = await Phone.signIn()
    for (let i = 0; i < EXPORTS_AN_HOUR; i++) {
      expect((await phone.call('GET', '/v1/account/export')).status).toBe(200)
    }
    const refused = await phone.call('GET', '/v1/account/export')
    expect(await refusal(refused)).toBe('429 rate_limited')
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  })
})
