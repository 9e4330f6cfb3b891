import { describe, expect, test } from 'vitest'
import { accessToken, ACCOUNT, createScene, json, NOW, problem, sessionAnswer, stored } from './phone-support.ts'

const ended = () => problem(401, 'unauthorized')

describe('signing in', () => {
  test('a number and its code become a session that is stored', async () => {
    const scene = createScene([json({ retryAfter: 30, code: '482913' }, 202), json(sessionAnswer('1'))], null)
    expect(await scene.session.askForCode('+4915112345678')).toEqual({
      ok: true,
      value: { retryAfter: 30, code: '482913' },
    })
    expect(await scene.session.signIn('+4915112345678', '482913')).toEqual({ ok: true, value: ACCOUNT })
    expect(scene.store.value).toEqual(stored('1', NOW + 900_000 - 60_000))
  })

  test('a wrong code says so and stores nothing', async () => {
    const scene = createScene([problem(401, 'code_invalid')], null)
    expect(await scene.session.signIn('+4915112345678', '000000')).toEqual({ ok: false, code: 'code_invalid' })
    expect(scene.store.value).toBeNull()
  })

  test('a clock that is an hour off changes nothing: the life of a token is its own', async () => {
    const answer = { ...sessionAnswer('1'), expiresAt: NOW - 3_600_000 }
    const scene = createScene([json(answer)], null)
    await scene.session.signIn('+4915112345678', '482913')
    expect(await scene.session.accessToken()).toEqual({ ok: true, value: accessToken('1') })
    expect(scene.calls).toHaveLength(1)
  })
})

describe('renewing', () => {
  test('a token that is good for a while is used as it is', async () => {
    const scene = createScene([])
    expect(await scene.session.accessToken()).toEqual({ ok: true, value: accessToken('1') })
    expect(scene.calls).toHaveLength(0)
  })

  test('a minute before it runs out it is renewed, and the rotated refresh token is stored', async () => {
    const scene = createScene([json(sessionAnswer('2'))], stored('1', NOW))
    expect(await scene.session.accessToken()).toEqual({ ok: true, value: accessToken('2') })
    expect(scene.calls[0]).toMatchObject({ path: '/v1/phone/refresh', body: { refreshToken: 'refresh-1' } })
    expect(scene.store.value?.refreshToken).toBe('refresh-2')
  })

  test('many callers at once make one call', async () => {
    const scene = createScene([json(sessionAnswer('2'))], stored('1', NOW))
    const tokens = await Promise.all(Array.from({ length: 20 }, () => scene.session.accessToken()))
    expect(new Set(tokens.map((token) => token.ok && token.value))).toEqual(new Set([accessToken('2')]))
    expect(scene.calls).toHaveLength(1)
  })

  test('two tabs at once make one call: the second takes what the first stored', async () => {
    const scene = createScene([json(sessionAnswer('2'))], stored('1', NOW))
    const other = scene.tab()
    const tokens = await Promise.all([scene.session.accessToken(), other.accessToken()])
    expect(tokens).toEqual([
      { ok: true, value: accessToken('2') },
      { ok: true, value: accessToken('2') },
    ])
    expect(scene.calls).toHaveLength(1)
  })

  test('a lost answer is asked for again with the same refresh token, once, inside the reuse window', async () => {
    const scene = createScene(['lost', json(sessionAnswer('2'))], stored('1', NOW))
    expect(await scene.session.accessToken()).toEqual({ ok: true, value: accessToken('2') })
    expect(scene.calls.map((call) => call.body)).toEqual([{ refreshToken: 'refresh-1' }, { refreshToken: 'refresh-1' }])
    expect(scene.clock.now - NOW).toBeLessThan(60_000)
    expect(scene.store.value?.refreshToken).toBe('refresh-2')
  })

  test('two lost answers leave the session as it was: the next call tries again', async () => {
    const scene = createScene(['lost', 'lost', json(sessionAnswer('2'))], stored('1', NOW))
    expect(await scene.session.accessToken()).toEqual({ ok: false, code: 'offline' })
    expect(scene.store.value?.refreshToken).toBe('refresh-1')
    expect(await scene.session.accessToken()).toEqual({ ok: true, value: accessToken('2') })
  })

  test('a failing service signs nobody out', async () => {
    const scene = createScene([problem(500, 'internal'), problem(500, 'internal')], stored('1', NOW))
    expect(await scene.session.accessToken()).toEqual({ ok: false, code: 'internal' })
    expect(scene.store.value).not.toBeNull()
  })

  test('a proxy that answers 401 or 404 with a page of its own signs nobody out', async () => {
    for (const status of [401, 404]) {
      const page = () => new Response('<h1>Sign in to this hotel</h1>', { status })
      const scene = createScene([page, page], stored('1', NOW))
      expect((await scene.session.accessToken()).ok).toBe(false)
      expect(scene.store.value).not.toBeNull()
    }
  })

  test('a refused refresh token ends the session here', async () => {
    const scene = createScene([ended()], stored('1', NOW))
    expect(await scene.session.accessToken()).toEqual({ ok: false, code: 'unauthorized' })
    expect(scene.store.value).toBeNull()
    expect(await scene.session.accessToken()).toEqual({ ok: false, code: 'unauthorized' })
    expect(scene.calls).toHaveLength(1)
  })

  test('refused because another tab without a lock was quicker: what that tab stored is used', async () => {
    const scene = createScene(
      [
        () => {
          scene.store.value = stored('2', NOW + 600_000)
          return ended()
        },
      ],
      stored('1', NOW),
    )
    expect(await scene.session.accessToken()).toEqual({ ok: true, value: accessToken('2') })
    expect(scene.store.value?.refreshToken).toBe('refresh-2')
  })

  test('a sign-out in another tab while renewing is not undone by the answer', async () => {
    const scene = createScene(
      [
        () => {
          scene.store.value = null
          return json(sessionAnswer('2'))
        },
      ],
      stored('1', NOW),
    )
    expect(await scene.session.accessToken()).toEqual({ ok: false, code: 'unauthorized' })
    expect(scene.store.value).toBeNull()
  })
})

describe('a call with the session', () => {
  test('goes with the bearer token; refused as unauthorized it is repeated once with a renewed one', async () => {
    const scene = createScene([ended(), json(sessionAnswer('2')), json({ devices: [] })])
    expect(await scene.api.devices()).toEqual({ ok: true, value: [] })
    expect(scene.calls.map((call) => call.path)).toEqual(['/v1/devices', '/v1/phone/refresh', '/v1/devices'])
    expect(scene.calls[2]?.bearer).toBe(`Bearer ${accessToken('2')}`)
  })

  test('refused twice it is not repeated for ever', async () => {
    const scene = createScene([ended(), json(sessionAnswer('2')), ended()])
    expect(await scene.api.devices()).toEqual({ ok: false, code: 'unauthorized' })
  })
})

describe('signing out', () => {
  test('forgets the session before it asks the service, and tells it which one', async () => {
    const scene = createScene([
      () => {
        expect(scene.store.value).toBeNull()
        return new Response(null, { status: 204 })
      },
    ])
    await scene.session.signOut()
    expect(scene.calls[0]).toMatchObject({ method: 'DELETE', path: '/v1/phone/session' })
    expect(scene.calls[0]?.bearer).toBe(`Bearer ${accessToken('1')}`)
  })

  test('forgets the session without a network, too', async () => {
    const scene = createScene(['lost'])
    await scene.session.signOut()
    expect(scene.store.value).toBeNull()
  })

  test('with an old access token the session is still ended at the service', async () => {
    const scene = createScene([json(sessionAnswer('2')), new Response(null, { status: 204 })], stored('1', NOW))
    await scene.session.signOut()
    expect(scene.calls[1]?.bearer).toBe(`Bearer ${accessToken('2')}`)
    expect(scene.store.value).toBeNull()
  })
})

describe('a profile that came from elsewhere', () => {
  test('is kept with the session, and loses no token that another tab is just renewing', async () => {
    const scene = createScene([json(sessionAnswer('2'))], stored('1', NOW))
    const named = { ...ACCOUNT, name: 'Ada L.' }
    await Promise.all([scene.tab().accessToken(), scene.session.keepAccount(named)])
    expect(scene.store.value).toMatchObject({ refreshToken: 'refresh-2', account: named })
  })

  test('of another account is not kept', async () => {
    const scene = createScene([])
    await scene.session.keepAccount({ ...ACCOUNT, id: 'b'.repeat(43), name: 'Eve' })
    expect(scene.store.value?.account).toEqual(ACCOUNT)
  })
})
