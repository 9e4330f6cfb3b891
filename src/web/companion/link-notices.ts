/** What the link screen says where it has no code to show: notices, and the parts that they are made of. */
import { html, nothing, type TemplateResult } from 'lit'
import type { CompanionClient } from '../../client/companion-client.ts'
import type { CompanionState, CompanionView } from '../../client/companion-state.ts'
import { formatCountdown, secondsLeft } from '../shared/format.ts'
import { icon } from '../shared/icon.ts'
import { text, unbroken, type StringKey } from '../shared/text.ts'
import type { Gate } from './session.ts'

/** After this many failures in a row it is not the person's connection. */
const SERVER_FAILURES = 3

/** What keeps a code or the chats from coming. */
export type Trouble = 'offline' | 'reconnecting' | 'rate_limited' | 'server'

/** What a page without a network cannot go on with: a code is worth nothing while the service is out of reach. */
const NEEDS_NETWORK: ReadonlySet<CompanionView['name']> = new Set(['connecting', 'code', 'idle', 'typed'])

/** @returns null while there is nothing to say but that it takes its time */
export function troubleOf(state: CompanionState | undefined, offline: boolean): Trouble | null {
  const view = state?.view.name ?? 'connecting'
  if (offline && NEEDS_NETWORK.has(view)) return 'offline'
  const connection = state?.connection
  if (view !== 'connecting' || connection === undefined || !('failures' in connection)) return null
  if (connection.name === 'waiting' && connection.reason === 'rate_limited') return 'rate_limited'
  // Said until there is a code again: it does not come and go with each try.
  if (connection.failures >= SERVER_FAILURES) return 'server'
  return connection.name === 'waiting' ? 'reconnecting' : null
}

/** @param linked chats are what is waited for, not a code */
export function troubleNotice(
  trouble: Trouble,
  { client, linked, now }: { client: CompanionClient | null; linked: boolean; now: number },
): TemplateResult {
  const connection = client?.state.connection
  const left = connection?.name === 'waiting' ? connection.retryAt - now : 0
  const tryNow = (): void => client?.tryNow()
  switch (trouble) {
    case 'offline':
      return notice('wifi-off', text('link.offline.title'), text(linked ? 'link.offline.linked' : 'link.offline.body'))
    case 'rate_limited':
      return notice(
        'clock',
        text('link.rate_limited.title'),
        text('link.rate_limited.body', { time: formatCountdown(left) }),
      )
    case 'server':
      return notice('triangle-alert', text('link.server.title'), text('link.server.body'), [
        button('link.server.action', tryNow),
      ])
    case 'reconnecting':
      return notice(
        'wifi-off',
        text('link.reconnecting.title'),
        text('link.reconnecting.body', { n: secondsLeft(left) }),
        [button('link.reconnecting.action', tryNow)],
      )
  }
}

/** @param proceed "Link anyway", "Show a code anyway" */
export function gateNotice(gate: Gate, proceed: () => void): TemplateResult {
  switch (gate) {
    case 'insecure':
      return notice('shield-alert', text('link.insecure.title'), text('link.insecure.body'), [
        // A port is that of http alone.
        html`<a class="button" href=${`https://${location.hostname}/`} target="_top"
          >${text('link.insecure.action')}</a
        >`,
      ])
    case 'unsupported':
      return notice('triangle-alert', text('link.unsupported.title'), text('link.unsupported.body'))
    case 'storage':
      return notice(
        'triangle-alert',
        text('link.storage.title'),
        text('link.storage.body'),
        [button('link.storage.action', proceed), reload('quiet')],
        text('link.storage.hint'),
      )
    case 'setup':
      return notice('settings', text('link.setup.title'), text('link.setup.body'), [
        html`<a class="button" href="/setup" target="_top">${text('link.setup.action')}</a>`,
      ])
    case 'onphone':
      return notice('smartphone', text('link.onphone.title'), text('link.onphone.body'), [
        html`<a class="button tall" href="/phone" target="_top">${text('link.onphone.action')}</a>`,
        button('link.onphone.anyway', proceed, 'quiet'),
      ])
  }
}

export function reload(kind = ''): TemplateResult {
  return button('link.fault.action', () => location.reload(), kind)
}

export function button(key: StringKey, act: () => void, kind = ''): TemplateResult {
  return html`<button class="button ${kind}" type="button" @click=${act}>${text(key)}</button>`
}

/** A state with nothing else to show. @param hint how it might be mended */
export function notice(
  name: string,
  title: string,
  body: string | null,
  actions: TemplateResult[] = [],
  hint: string | null = null,
): TemplateResult {
  return html`<div class="notice">
    <span class="emblem ${name.endsWith('alert') || name === 'clock' ? 'warn' : ''}">${icon(name, 'large')}</span>
    <h1 class="title" tabindex="-1">${title}</h1>
    ${[body, hint].map((line) => (line === null ? nothing : html`<p class="secondary">${line}</p>`))}
    ${actions.length === 0 ? nothing : html`<div class="actions">${actions}</div>`}
  </div>`
}

export function unlinkedNotice(reason: string | null, again: () => void): TemplateResult {
  const key = unlinkedKey(reason)
  const body = text(reason === 'phone' ? 'app.unlinked.phone.body' : 'app.unlinked.body')
  // Of an account that was deleted nothing can be linked again.
  const action = key === 'account' ? 'app.unlinked.account.action' : 'app.unlinked.action'
  return notice('unlink', text(`app.unlinked.${key}.title`), body, [button(action, again)])
}

/** The words for a reason; one that is not known yet is told like an unlinking on the phone. */
export function unlinkedKey(reason: string | null): 'phone' | 'companion' | 'idle' | 'account' {
  return reason === 'companion' || reason === 'idle' || reason === 'account' ? reason : 'phone'
}

/** A name in a sentence, isolated: its direction and its characters change nothing around it (S28). */
export function withName(key: StringKey, name: string): TemplateResult {
  const [before, after] = text(key, { name: '\u0000' }).split('\u0000')
  return html`${before}<bdi>${unbroken(name)}</bdi>${after}`
}
