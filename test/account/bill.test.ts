import { runInDurableObject } from 'cloudflare:test'
import { expect, it } from 'vitest'
import { createPair, openPhone, sendText, type TestAccount } from './support.ts'

/** Sums the rows that the account's statements write, from now on. */
async function countRows({ stub }: TestAccount): Promise<{ written: number }> {
  const counted = { written: 0 }
  await runInDurableObject(stub, (_, { storage }) => {
    const { sql } = storage
    const prototype: { exec: SqlStorage['exec'] } = Object.getPrototypeOf(sql)
    const { exec } = prototype
    prototype.exec = function (this: SqlStorage, ...args: Parameters<SqlStorage['exec']>) {
      const cursor = Reflect.apply(exec, this, args)
      if (this === sql) queueMicrotask(() => (counted.written += cursor.rowsWritten))
      return cursor
    } as SqlStorage['exec']
  })
  return counted
}

it('a message between two accounts writes eight rows at its author’s, ticks and all, and five at its reader’s; looking writes none', async () => {
  const { ada, bo, phoneA, phoneB, conversation } = await createPair()
  const first = await sendText(phoneA, conversation.id, 'the conversation begins')
  await phoneA.event('status', ({ deliveredUpTo }) => deliveredUpTo === first.seq)
  await phoneB.event('message')
  const [author, reader] = [await countRows(ada), await countRows(bo)]
  const { seq } = await sendText(phoneA, conversation.id, 'counted')
  await phoneA.event('status', ({ deliveredUpTo }) => deliveredUpTo === seq)
  expect([author.written, reader.written]).toEqual([8, 5])
  const before = { ...author }
  const phone = await openPhone(ada)
  await phone.request({ type: 'history', conversation: conversation.id })
  await phone.request({ type: 'search', text: 'counted' })
  await phone.request({ type: 'conversations' })
  expect(author).toEqual(before)
})
