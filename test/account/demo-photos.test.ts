import { env } from 'cloudflare:workers'
import { runInDurableObject } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import { DEMO_CONTACTS } from '../../src/account/demo-content.ts'
import { loadDemoPhotos, seedDemo } from '../../src/account/demo.ts'
import { createAccount, openPhone } from './support.ts'

const PHOTO = { width: 8, height: 6, bytes: 3, thumbBytes: 1 }
const LISTING = [
  { name: 'lake', file: 'lake.webp', thumb: 'lake-thumb.webp', ...PHOTO },
  { name: 'avatar-cat', file: 'avatar-cat.webp', ...PHOTO },
  { name: 'missing', file: 'missing.webp', thumb: 'missing-thumb.webp', ...PHOTO },
]

/** Assets as the Worker sees them. @param fetched - every path that was asked for */
function assets(listing: unknown, fetched: string[] = []): Fetcher {
  const fetch = async (url: string): Promise<Response> => {
    const { pathname } = new URL(url)
    fetched.push(pathname)
    if (pathname === '/demo/index.json') {
      return listing === null ? new Response('no', { status: 404 }) : Response.json(listing)
    }
    return pathname.includes('missing') ? new Response('no', { status: 404 }) : new Response('abc')
  }
  return { fetch } as unknown as Fetcher
}

describe('the demo’s photos', () => {
  it('are copied into the bucket once, and left out where a file is missing', async () => {
    const fetched: string[] = []
    const bucket = env.MEDIA
    if (bucket === undefined) throw new Error('no bucket')
    const photos = await loadDemoPhotos({ ASSETS: assets(LISTING, fetched), MEDIA: bucket })
    expect(new Set(photos.keys())).toEqual(new Set(['lake', 'avatar-cat']))
    expect(photos.get('avatar-cat')).toMatchObject({
      object: 'demo/avatar-cat.webp',
      contentType: 'image/webp',
      bytes: 3,
    })
    expect(photos.get('lake')).toMatchObject({
      object: 'demo/lake.webp',
      thumbObject: 'demo/lake-thumb.webp',
      contentType: 'image/webp',
      width: 8,
    })
    expect(await (await bucket.get('demo/lake.webp'))?.text()).toBe('abc')
    expect((await bucket.head('demo/lake.webp'))?.httpMetadata?.contentType).toBe('image/webp')
    fetched.length = 0
    await loadDemoPhotos({ ASSETS: assets(LISTING, fetched), MEDIA: bucket })
    expect(fetched.filter((path) => !path.includes('missing'))).toEqual(['/demo/index.json'])
  })

  it('are none without a bucket, without assets, or with a listing that is not one', async () => {
    const bucket = env.MEDIA
    if (bucket === undefined) throw new Error('no bucket')
    expect(await loadDemoPhotos({ ASSETS: assets(LISTING) })).toEqual(new Map())
    for (const listing of [null, {}, [{ name: 'x', file: '../secret' }]]) {
      expect(await loadDemoPhotos({ ASSETS: assets(listing), MEDIA: bucket })).toEqual(new Map())
    }
  })

  it('are shown by signed URLs, in messages of both sides and as avatars', async () => {
    const ada = await createAccount()
    const photo = (name: string) => ({ object: `demo/${name}.webp`, contentType: 'image/webp', bytes: 1 })
    const names = DEMO_CONTACTS.flatMap(({ avatar, messages }) => [avatar, ...messages.flatMap((m) => m.photo ?? [])])
    await runInDurableObject(ada.stub, (_, { storage }) =>
      storage.transactionSync(() =>
        seedDemo(storage.sql, new Map(names.map((name) => [name, photo(name)])), Date.now()),
      ),
    )
    const phone = await openPhone(ada)
    const { conversations } = await phone.frame('snapshot')
    for (const { avatar } of conversations) expect(avatar?.url).toContain('/v1/media/demo/avatar-')
    const messages = []
    for (const { id } of conversations) {
      const answer = await phone.request({ type: 'history', conversation: id })
      messages.push(...(answer.type === 'ok' ? (answer.messages ?? []) : []))
    }
    const shown = messages.filter(({ media }) => media !== undefined)
    expect(shown.length).toBeGreaterThanOrEqual(4)
    const own = shown.find(({ from }) => from === 'me')
    const [{ id: conversation } = { id: '' }] = conversations
    const again = { type: 'send' as const, id: crypto.randomUUID(), conversation, media: own?.media?.id ?? '' }
    expect(await phone.request(again)).toMatchObject({ type: 'ok', message: { media: { id: again.media } } })
  })
})
