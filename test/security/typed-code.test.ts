/** A code that is typed as an attacker meets it: S3 to S5, S7, S13, S14, S16; and as the phone's own page sends it. */
import { expect, test } from 'vitest'
import { createPhoneApi } from '../../src/client/phone-api.ts'
import { createLinking, type LinkingState } from '../../src/client/phone-linking.ts'
import type { PhoneSession } from '../../src/client/phone-session.ts'
import { parseTypedCode } from '../../src/protocol/typed-code.ts'
import { expectProblem } from '../support/outside/http.ts'
import {
  approve,
  asPhone,
  decline,
  openBrowser,
  scan,
  signIn,
  signInMany,
  spell,
  typeCode,
  type Browser,
  type Person,
} from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'

/** An operator who asks for no number, which typed codes do not heed. */
const server = useServer({ vars: { CONFIRM: 'never' } })
const TYPED = /[1-9A-HJKLMNP-TV-Z]{4}-[1-9A-HJKLMNP-TV-Z]{4}/

test('S13: a typed code always needs the number, whatever the operator chose and however near the phone is', async () => {
  const person = await signIn(server)
  const { socket, code } = await openSpelled()
  const answer = await typeCode(person, code)
  const { match } = await socket.next('scanned')
  expect(answer.json.match).toBe('required')
  expect(answer.text).not.toMatch(new RegExp(`"${match}"|:${match}[,}]`))
  expectProblem(await approve(person, answer.json.token), 400, 'bad_request')
  const guesses = Array.from({ length: 90 }, (_, index) => String(10 + index)).filter((guess) => guess !== match)
  const answers = await Promise.all(guesses.map((guess) => approve(person, answer.json.token, { match: guess })))
  const tries = answers.filter(({ json }) => json.code === 'match_failed').map(({ json }) => json.triesLeft)
  expect(tries.toSorted((a, b) => a - b)).toEqual([0, 1, 2])
  expectProblem(await approve(person, answer.json.token, { match }), 410, 'link_token_invalid')
  expectProblem(await typeCode(person, code), 410, 'link_token_invalid')
  expect((await asPhone(person, '/v1/devices')).json.devices).toEqual([])
  socket.cut()
})

test('S13: the code is of no use as a token, and a code to scan does not get round the number', async () => {
  const person = await signIn(server)
  const { socket, qr, code } = await openSpelled()
  for (const token of [code, code.replace('-', ''), qr.token.slice(0, 43) + code]) {
    expectProblem(await scan(person, token), 410, 'link_token_invalid')
    expectProblem(await approve(person, token), 410, 'link_token_invalid')
  }
  const { token } = (await typeCode(person, code)).json
  await socket.next('scanned')
  // The same hold by the code to scan, which alone would ask for nothing.
  expect((await scan(person, qr.token)).json.match).toBe('required')
  for (const either of [token, qr.token]) expectProblem(await approve(person, either), 400, 'bad_request')
  socket.cut()
})

test('S14: guessing gets five tries an account in ten minutes, however many come at once, and none of them hits', async () => {
  const people = await signInMany(server, 4)
  const { socket, code } = await openSpelled()
  const answers = await Promise.all(
    people.map((person) =>
      Promise.all(Array.from({ length: 40 }, (_, index) => typeCode(person, neighbour(code, index)))),
    ),
  )
  for (const tried of answers) {
    expect(tried.filter(({ status }) => status === 410)).toHaveLength(5)
    const refused = tried.filter(({ status }) => status === 429)
    expect(refused).toHaveLength(35)
    for (const { headers } of refused) expect(Number(headers['retry-after'])).toBeGreaterThan(0)
  }
  // Nothing of it reached the screen, and whose code it is types it.
  expect(socket.seen.map(({ type }) => type)).toEqual(['qr', 'spelled'])
  expect((await typeCode(await signIn(server), code)).status).toBe(200)
  socket.cut()
})

test('S3: of many phones that type one code at once one has it, and a replay after its use is refused', async () => {
  const people = await signInMany(server, 20)
  const { socket, qr, code } = await openSpelled()
  const answers = await Promise.all(people.map((person) => typeCode(person, code)))
  const winners = people.filter((_, index) => answers[index]!.status === 200)
  expect(winners).toHaveLength(1)
  for (const answer of answers.filter(({ status }) => status !== 200)) {
    expectProblem(answer, 409, 'link_token_taken')
    expect(answer.text).not.toMatch(TYPED)
  }
  const { token } = answers.find(({ status }) => status === 200)!.json
  const { match } = await socket.next('scanned')
  const others = people.filter((person) => person !== winners[0])
  // The token is of no use to another account, even with the number.
  expectProblem(await approve(others[0]!, token, { match }), 409, 'link_token_taken')
  expectProblem(await decline(others[0]!, token), 409, 'link_token_taken')
  expect((await approve(winners[0]!, token, { match })).json.device.id).toBe(qr.device)
  for (const person of [winners[0]!, others[1]!]) {
    expectProblem(await typeCode(person, code), 410, 'link_token_invalid')
    expectProblem(await scan(person, token), 410, 'link_token_invalid')
  }
  expectProblem(await approve(others[0]!, token, { match }), 410, 'link_token_invalid')
  socket.cut()
})

test('S5: a screen that somebody holds shows no code to type, and nobody types their way into it', async () => {
  const [ada, eve] = await signInMany(server, 2)
  const { socket, qr, code } = await openSpelled()
  await scan(ada!, qr.token)
  await socket.next('scanned')
  socket.send({ type: 'spell' })
  expect(await socket.next('error')).toMatchObject({ code: 'not_allowed' })
  expectProblem(await typeCode(eve!, code), 410, 'link_token_invalid')
  expect((await approve(ada!, qr.token)).json.device.id).toBe(qr.device)
  await socket.first('linked')
  socket.send({ type: 'spell', ref: 'a' })
  expect(await socket.first('error')).toMatchObject({ code: 'not_allowed' })
  expect((await asPhone(eve!, '/v1/devices')).json.devices).toEqual([])
  socket.cut()
})

test('S4: a code that a client brings along is never adopted, and two screens never share one', async () => {
  const person = await signIn(server)
  const browsers = await Promise.all(Array.from({ length: 10 }, () => openBrowser(server)))
  for (const { socket } of browsers)
    socket.send({ type: 'spell', code: '2222-2222', hash: 'x', device: browsers[0]!.qr.device })
  const codes = await Promise.all(browsers.map(async ({ socket }) => (await socket.first('spelled')).code as string))
  expect(new Set([...codes, '2222-2222']).size).toBe(11)
  expectProblem(await typeCode(person, '2222-2222'), 410, 'link_token_invalid')
  expect((await typeCode(person, codes[3])).json.token.slice(0, 42)).toBe(browsers[3]!.qr.token.slice(0, 42))
  for (const [index, { socket }] of browsers.entries()) {
    expect(
      socket.seen.some(({ type }) => type === 'scanned'),
      String(index),
    ).toBe(index === 3)
    socket.cut()
  }
})

test('S14: a flood of spell makes ten codes in ten minutes, then says so, and closes the socket in the end', async () => {
  const { socket } = await openBrowser(server)
  for (let times = 0; times < 15; times++) {
    socket.send({ type: 'spell' })
    socket.send({ type: 'wake' })
  }
  const refused = await socket.first('error')
  expect(refused).toMatchObject({ code: 'rate_limited' })
  expect(refused.retryAfter).toBeGreaterThan(590)
  expect(new Set(socket.seen.flatMap(({ code }) => (TYPED.test(String(code)) ? [code] : []))).size).toBe(10)
  for (let times = 0; times < 130; times++) socket.send({ type: 'spell' })
  expect((await socket.ends()).code).toBe(4429)
})

test('S16: no line that the service prints holds a typed code or the token that goes on from it', async () => {
  const person = await signIn(server)
  const { socket, code } = await openSpelled()
  const wrong = neighbour(code, 3)
  await typeCode(person, wrong)
  const { token } = (await typeCode(person, code)).json
  const { match } = await socket.next('scanned')
  await approve(person, token, { match })
  await socket.first('linked')
  const printed = server.printed()
  expect(printed).toContain('"step":"scanned"')
  for (const secret of [code, code.replace('-', ''), wrong, token, token.slice(43)])
    expect(printed).not.toContain(secret)
  socket.cut()
})

test('S13: the phone’s own page links by a typed code with the number, takes the link back, and declines another', async () => {
  const person = await signIn(server)
  const first = await openSpelled()
  const { linking, seen } = await typeInto(person, first.code.toLowerCase().replace('-', ' '))
  const { match } = await first.socket.next('scanned')
  expect(seen.at(-1)).toMatchObject({ step: 'confirm', matchRequired: true })
  await linking.approve(match)
  expect(seen.at(-1)).toMatchObject({ step: 'done', device: first.qr.device })
  await linking.undo()
  expect((await asPhone(person, '/v1/devices')).json.devices).toEqual([])
  const second = await openSpelled()
  const declining = await typeInto(person, second.code)
  await declining.linking.decline()
  expect(declining.seen.at(-1)).toEqual({ step: 'declined' })
  await second.socket.first('declined')
  expect((await typeInto(person, second.code)).seen.at(-1)).toMatchObject({
    step: 'failed',
    code: 'link_token_invalid',
  })
  for (const { socket } of [first, second]) socket.cut()
})

/** A browser that shows a code to type. */
async function openSpelled(): Promise<Browser & { code: string }> {
  const browser = await openBrowser(server)
  const { code } = await spell(browser.socket)
  return { ...browser, code }
}

/** A well-formed code that is not this one: its last character moved on by up to 31 places, then the one before. */
function neighbour(code: string, index: number): string {
  const alphabet = '123456789ABCDEFGHJKLMNPQRSTVWXYZ'
  const place = index < 31 ? 8 : 7
  const moved = alphabet[(alphabet.indexOf(code[place]!) + 1 + (index % 31)) % 32]!
  return code.slice(0, place) + moved + code.slice(place + 1)
}

/** What somebody types on the phone's page, by the page's own logic. */
async function typeInto(
  person: Person,
  typed: string,
): Promise<{ linking: ReturnType<typeof createLinking>; seen: LinkingState[] }> {
  const session = { accessToken: async () => ({ ok: true, value: person.accessToken }) } as unknown as PhoneSession
  const seen: LinkingState[] = []
  const linking = createLinking(
    { code: parseTypedCode(typed) ?? '' },
    {
      api: createPhoneApi({ origin: server.origin, fetch }, session),
      now: () => Date.now(),
      sleep: async () => undefined,
      onState: (state) => seen.push(state),
    },
  )
  await linking.start()
  return { linking, seen }
}
