import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { app } from '../../src/app.ts'
import { configOf } from '../../src/config.ts'
import { isAllowedOrigin, publicOrigin } from '../../src/http/origin.ts'

const settings = {
  ...env,
  ALLOWED_ORIGINS: 'https://embed.example, http://localhost:5173',
  PUBLIC_ORIGIN: 'https://chat.example',
}
const config = configOf(settings)
const HERE = 'https://tandem.example/v1/socket?key=x'

describe('S11: the origins that may use the service', () => {
  it('are its own, the public one and those on the allow-list, compared whole', () => {
    const allowed = ['https://tandem.example', 'https://chat.example', 'https://embed.example', 'http://localhost:5173']
    for (const origin of allowed) expect(isAllowedOrigin(config, HERE, origin), origin).toBe(true)
    const foreign = ['https://evil.example', 'null', '', 'http://tandem.example', 'https://tandem.example:8443']
    foreign.push('https://embed.example.evil.example', 'https://EMBED.example', 'https://embed.example/', 'file://')
    for (const origin of foreign) expect(isAllowedOrigin(config, HERE, origin), origin).toBe(false)
  })

  it('people are sent to the public origin, else to the one that was asked', () => {
    const request = new Request(HERE)
    expect(publicOrigin(config, request)).toBe('https://chat.example')
    expect(publicOrigin(configOf({ ...env }), request)).toBe('https://tandem.example')
  })
})

describe("CORS of the phone's routes", () => {
  const ask = (headers: Record<string, string>, method = 'OPTIONS') =>
    app.request('https://tandem.example/v1/phone/session', { method, headers }, settings)
  const preflight = { 'access-control-request-method': 'DELETE', 'access-control-request-headers': 'authorization' }

  it('answers the preflight of an allow-listed origin, without credentials', async () => {
    const response = await ask({ origin: 'https://embed.example', ...preflight })
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-origin')).toBe('https://embed.example')
    expect(response.headers.get('access-control-allow-methods')).toContain('DELETE')
    expect(response.headers.get('access-control-allow-headers')).toContain('authorization')
    expect(response.headers.has('access-control-allow-credentials')).toBe(false)
    expect(response.headers.get('vary')).toContain('origin')
  })

  it('lets an allow-listed origin read answers, refusals too', async () => {
    const response = await ask({ origin: 'https://embed.example' }, 'DELETE')
    expect(response.status).toBe(401)
    expect(response.headers.get('access-control-allow-origin')).toBe('https://embed.example')
  })

  it('refuses foreign origins: 403 origin_not_allowed, and nothing that they could read', async () => {
    for (const method of ['OPTIONS', 'DELETE', 'POST']) {
      const response = await ask({ origin: 'https://evil.example', ...preflight }, method)
      expect(response.status).toBe(403)
      expect(response.headers.has('access-control-allow-origin')).toBe(false)
      expect(await response.json()).toMatchObject({ code: 'origin_not_allowed' })
    }
  })

  it('lets a native app through, which sends no origin', async () => {
    expect((await ask({}, 'DELETE')).status).toBe(401)
  })
})
