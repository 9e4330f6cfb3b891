import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import page from '../docs/storage.md?raw'
import { accountOf, companionOf, link, Phone } from './support/service.ts'

/** The names in the first column of the table under a heading of docs/storage.md. */
function documented(heading: string): string[] {
  const section = page.split('\n## ').find((part) => part.startsWith(heading)) ?? ''
  return [...section.matchAll(/^\| `([a-z_]+)` \|/gm)].map((match) => match[1] ?? '').toSorted()
}

function keysOf(stub: DurableObjectStub): Promise<string[]> {
  return runInDurableObject(stub, (_, { storage }) => [...storage.kv.list()].map(([key]) => key).toSorted())
}

it('docs/storage.md lists every table of an account and no other', async () => {
  const phone = await Phone.signIn()
  const tables = await runInDurableObject(accountOf(phone.account.id), (_, { storage }) =>
    storage.sql
      .exec<{ name: string }>(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'",
      )
      .toArray()
      .map(({ name }) => name)
      .filter((name) => !name.startsWith('sqlite_'))
      .toSorted(),
  )
  expect(tables).toEqual(documented('Account'))
})

it('docs/storage.md lists every key of the other objects and no other', async () => {
  const phone = await Phone.signIn()
  const { device } = await link(phone)
  expect(await keysOf(companionOf(device.id))).toEqual(documented('Companion'))
  expect(await keysOf(env.KEYRING.getByName('keyring'))).toEqual(documented('Keyring'))
  const number = env.NUMBER.getByName('+15005550006')
  await number.issueCode()
  expect([...(await keysOf(number)), 'account'].toSorted()).toEqual(documented('Number'))
  expect(await keysOf(env.NUMBER.getByName(phone.number))).toContain('account')
  const address = env.ADDRESS.getByName('192.0.2.1')
  await address.admit('code', 20)
  await address.admit('operator', 20)
  expect(await keysOf(address)).toEqual(documented('Address'))
  const spelling = env.SPELLING.getByName('a hash')
  await spelling.claim(companionOf(device.id).id.toString(), Date.now() + 60_000)
  expect(await keysOf(spelling)).toEqual(documented('Spelling'))
})
