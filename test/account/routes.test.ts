import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { PHONE_SOCKET_HEADER } from '../../src/account/rpc.ts'
import { signAccessToken } from '../../src/http/access-token.ts'
import { ORIGIN, refusal, request } from '../support/service.ts'
import { createAccount, createDevice, Phone, type TestAccount } from './support.ts'

async function tokenOf({ id, caller }: TestAccount): Promise<string> {
  return (await signAccessToken(env, { account: id, session: caller.session ?? '', now: Date.now() })).accessToken
}

/** Calls as a signed-in phone. */
async function call(account: TestAccount, method: string, path: string, body?: unknown): Promise<Response> {
  return request(path, {
    method,
    headers: { authorization: `Bearer ${await tokenOf(account)}` },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
}

function upgrade(headers: Record<string, string>, path = '/v1/account/socket'): Promise<Response> {
  return request(path, { headers: { upgrade: 'websocket', 'sec-websocket-protocol': 'tandem.v1', ...headers } })
}

describe('the account’s routes', () => {
  it('answer 401 without a token and change nothing', async () => {
    const ada = await createAccount()
    for (const [method, path] of [
      ['GET', '/v1/account'],
      ['PATCH', '/v1/account'],
      ['GET', '/v1/devices'],
      ['DELETE', '/v1/devices'],
      ['PATCH', `/v1/devices/${createDevice().id}`],
      ['DELETE', `/v1/devices/${createDevice().id}`],
    ] as const) {
      const init = method === 'PATCH' ? { body: '{"name":"x"}' } : {}
      expect(await refusal(await request(path, { method, ...init }))).toBe('401 unauthorized')
      const bad = { method, headers: { authorization: 'Bearer not.a.token' }, ...init }
      expect(await refusal(await request(path, bad))).toBe('401 unauthorized')
    }
    const token = await tokenOf(ada)
    await ada.stub.signOut(ada.caller)
    const after = await request('/v1/account', { headers: { authorization: `Bearer ${token}` } })
    expect(await refusal(after)).toBe('401 unauthorized')
  })

  it('show and change the profile', async () => {
    const ada = await createAccount()
    expect(await (await call(ada, 'GET', '/v1/account')).json()).toMatchObject({ id: ada.id, number: ada.number })
    const changed = await call(ada, 'PATCH', '/v1/account', { name: '  Ada ' })
    expect(await changed.json()).toEqual({ id: ada.id, name: 'Ada', number: ada.number })
    for (const bad of [{ name: '' }, { name: 'x'.repeat(65) }, { name: 'a\u0007' }, { name: 5 }, '{', 'null']) {
      expect(await refusal(await call(ada, 'PATCH', '/v1/account', bad))).toBe('400 bad_request')
    }
    expect(await refusal(await call(ada, 'PATCH', '/v1/account', { avatar: 'nothing' }))).toBe('404 not_found')
    expect(await refusal(await call(ada, 'PATCH', '/v1/account', { name: 'x'.repeat(70_000) }))).toBe(
      '413 payload_too_large',
    )
  })

  it('list, rename and unlink devices, of this account only (S9, S21)', async () => {
    const [ada, bo] = [await createAccount(), await createAccount()]
    const device = createDevice()
    await ada.stub.addDevice(device, ada.caller, false)
    expect(await (await call(ada, 'GET', '/v1/devices')).json()).toEqual({
      devices: [
        {
          id: device.id,
          name: device.name,
          browser: 'Firefox',
          os: 'Linux',
          place: { country: 'SE' },
          linkedAt: device.linkedAt,
          lastSeenAt: expect.any(Number),
          online: false,
        },
      ],
    })
    for (const id of [device.id, createDevice().id, 'nothing', '%2e%2e']) {
      expect(await refusal(await call(bo, 'DELETE', `/v1/devices/${id}`))).toBe('404 not_found')
      expect(await refusal(await call(bo, 'PATCH', `/v1/devices/${id}`, { name: 'x' }))).toBe('404 not_found')
    }
    const renamed = await call(ada, 'PATCH', `/v1/devices/${device.id}`, { name: 'Desk' })
    expect(await renamed.json()).toMatchObject({ id: device.id, name: 'Desk' })
    expect(await refusal(await call(ada, 'PATCH', `/v1/devices/${device.id}`, {}))).toBe('400 bad_request')
    expect((await call(ada, 'DELETE', `/v1/devices/${device.id}`)).status).toBe(204)
    expect((await call(ada, 'DELETE', '/v1/devices')).status).toBe(204)
    expect(await (await call(ada, 'GET', '/v1/devices')).json()).toEqual({ devices: [] })
  })
})

describe('the way to the phone’s socket', () => {
  it('opens with the header or the subprotocol, and echoes tandem.v1 only', async () => {
    const ada = await createAccount()
    const token = await tokenOf(ada)
    for (const headers of [
      { authorization: `Bearer ${token}` },
      { 'sec-websocket-protocol': `tandem.v1, bearer.${token}` },
      { 'sec-websocket-protocol': `bearer.${token},tandem.v1`, origin: ORIGIN },
    ]) {
      const response = await upgrade(headers)
      expect(response.status).toBe(101)
      expect(response.headers.get('sec-websocket-protocol')).toBe('tandem.v1')
      if (response.webSocket === null) throw new Error('no socket')
      const phone = new Phone(response.webSocket)
      expect(await phone.frame('snapshot')).toMatchObject({ account: { id: ada.id } })
      phone.close(1000)
    }
  })

  it('takes the cursor from the address, and anything else as none', async () => {
    const ada = await createAccount()
    await ada.stub.updateProfile(ada.caller, { name: 'Ada' })
    const authorization = `Bearer ${await tokenOf(ada)}`
    for (const [cursor, first] of [
      ['0', 'event'],
      ['', 'snapshot'],
      ['-1', 'snapshot'],
      ['1.5', 'snapshot'],
      ['x', 'snapshot'],
      ['99999999999999999999', 'snapshot'],
    ] as const) {
      const { webSocket } = await upgrade({ authorization }, `/v1/account/socket?cursor=${cursor}`)
      if (webSocket === null) throw new Error('no socket')
      const phone = new Phone(webSocket)
      await phone.frame(first)
      expect(phone.frames[0]?.type).toBe(first)
      phone.close(1000)
    }
  })

  it('is refused before the upgrade: 426, 400, 403, 401 (S11)', async () => {
    const ada = await createAccount()
    const authorization = `Bearer ${await tokenOf(ada)}`
    expect(await refusal(await request('/v1/account/socket', { headers: { authorization } }))).toBe(
      '426 upgrade_required',
    )
    expect(await refusal(await upgrade({ authorization, 'sec-websocket-protocol': 'other' }))).toBe('400 bad_request')
    expect(await refusal(await upgrade({ authorization, origin: 'https://evil.example' }))).toBe(
      '403 origin_not_allowed',
    )
    expect(await refusal(await upgrade({ authorization, origin: 'null' }))).toBe('403 origin_not_allowed')
    for (const headers of [
      {},
      { authorization: 'Bearer x' },
      { 'sec-websocket-protocol': 'tandem.v1, bearer.x' },
      { authorization: 'Bearer x', origin: ORIGIN },
    ]) {
      expect(await refusal(await upgrade(headers as Record<string, string>))).toBe('401 unauthorized')
    }
    await ada.stub.signOut(ada.caller)
    expect(await refusal(await upgrade({ authorization }))).toBe('401 unauthorized')
  })

  it('opens the token’s account, whatever header a client sends (S11)', async () => {
    const [ada, bo] = [await createAccount(), await createAccount()]
    const forged = JSON.stringify({ caller: bo.caller, cursor: null })
    const response = await upgrade({ authorization: `Bearer ${await tokenOf(ada)}`, [PHONE_SOCKET_HEADER]: forged })
    if (response.webSocket === null) throw new Error('no socket')
    const phone = new Phone(response.webSocket)
    expect(await phone.frame('snapshot')).toMatchObject({ account: { id: ada.id } })
    phone.close(1000)
    expect(await refusal(await upgrade({ [PHONE_SOCKET_HEADER]: forged }))).toBe('401 unauthorized')
  })
})
