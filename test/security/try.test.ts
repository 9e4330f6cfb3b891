/** `/try` and framing (S23): nowhere but in the demo, and in the demo by the service's own pages only. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { call, expectProblem } from '../support/outside/http.ts'
import { useServer } from '../support/outside/servers.ts'

const demo = useServer({ vars: { DEMO: 'on' } })
const plain = useServer()
const fresh = useServer({ configuration: 'default' })

/** The addresses of `/try`, and the page that is behind each of those that are framed. */
const FRAMED = { '/try/browser': '/', '/try/phone': '/phone', '/try/link': '/link' }
const PARTS = { '/build/try.js': 'javascript', '/css/try.css': 'text/css' }
const ADDRESSES = ['/try', ...Object.keys(FRAMED), ...Object.keys(PARTS)]

test('S23: without the demo nothing is there at any address of /try, under any spelling', async () => {
  for (const server of [plain, fresh]) {
    const unknown = await call(`${server.origin}/tried`)
    for (const address of ADDRESSES) {
      for (const method of ['GET', 'POST', 'OPTIONS']) {
        const answer = await call(server.origin + address, { method })
        expectProblem(answer, 404, 'not_found')
        expect(answer.text).toBe(unknown.text)
      }
    }
    const spellings = ['/try.html', '/try/', '/try/index.html', '/%74ry', '/%74ry.html', '//try', join('/x/..', '/try')]
    spellings.push('/build/%74ry.js', '/build//try.js', '/css/%74ry.css', '/css/./try.css')
    for (const spelling of spellings) {
      let answer = await call(server.origin + spelling)
      for (let hops = 0; hops < 5 && answer.headers.location !== undefined; hops++) {
        answer = await call(new URL(answer.headers.location, server.origin).href)
      }
      expect({ spelling, status: answer.status }).toEqual({ spelling, status: 404 })
    }
  }
})

test('S23: in the demo the pages of /try may be framed by this origin only, and are otherwise under their own policy', async () => {
  for (const [address, page] of Object.entries(FRAMED)) {
    const [framed, own] = await Promise.all([call(demo.origin + address), call(demo.origin + page)])
    expect({ address, status: framed.status }).toEqual({ address, status: 200 })
    expect(framed.text).toBe(own.text)
    const policy = String(own.headers['content-security-policy'])
    expect(policy).toContain("frame-ancestors 'none'")
    expect(framed.headers['content-security-policy']).toBe(
      policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'"),
    )
    for (const name of ['cross-origin-opener-policy', 'permissions-policy', 'strict-transport-security']) {
      expect(framed.headers[name], name).toBe(own.headers[name])
    }
    expectProblem(await call(demo.origin + address, { method: 'POST' }), 404, 'not_found')
  }
  for (const [address, type] of Object.entries(PARTS)) {
    const part = await call(demo.origin + address)
    expect({ address, status: part.status }).toEqual({ address, status: 200 })
    expect(part.headers['content-type']).toContain(type)
    const again = await call(demo.origin + address, { headers: { 'if-none-match': String(part.headers.etag) } })
    expect({ address, status: again.status }).toEqual({ address, status: 304 })
  }
  const whole = await call(`${demo.origin}/try`)
  const policy = String(whole.headers['content-security-policy'])
  for (const rule of ["default-src 'none'", "frame-src 'self'", "frame-ancestors 'none'", 'trusted-types lit-html']) {
    expect(policy).toContain(rule)
  }
})
