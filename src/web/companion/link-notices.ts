/** What the link screen says where it has no code to show: notices, and the parts that they are made of. */
import { html, nothing, type TemplateResult } from 'lit'
import { icon } from '../shared/icon.ts'
import { text, type StringKey } from '../shared/text.ts'

/** Why no code can be shown at all, found out before any socket is opened. */
export type Gate = 'insecure' | 'unsupported' | 'storage' | 'onphone' | 'setup'

/** @param proceed "Link anyway", "Show a code anyway" */
export function gateNotice(gate: Gate, proceed: () => void): TemplateResult {
  switch (gate) {
    case 'insecure':
      return notice('shield-alert', text('link.insecure.title'), text('link.insecure.body'))
    case 'unsupported':
      return notice('triangle-alert', text('link.unsupported.title'), text('link.unsupported.body'))
    case 'storage':
      return notice('triangle-alert', text('link.storage.title'), text('link.storage.body'), [
        button('link.storage.action', proceed),
      ])
    case 'setup':
      return notice('settings', text('link.setup.title'), text('link.setup.body'), [
        html`<a class="button" href="/setup" target="_top">${text('link.setup.action')}</a>`,
      ])
    case 'onphone':
      return notice('smartphone', text('link.onphone.title'), text('link.onphone.body'), [
        html`<a class="button" href="/phone" target="_top">${text('link.onphone.action')}</a>`,
        button('link.onphone.anyway', proceed, 'quiet'),
      ])
  }
}

export function button(key: StringKey, act: () => void, kind = ''): TemplateResult {
  return html`<button class="button ${kind}" type="button" @click=${act}>${text(key)}</button>`
}

/** A state with nothing else to show. */
export function notice(
  name: string,
  title: string,
  body: string | null,
  actions: TemplateResult[] = [],
): TemplateResult {
  return html`<div class="notice">
    ${icon(name, 'large')}
    <h1 class="title">${title}</h1>
    ${body === null ? nothing : html`<p class="secondary">${body}</p>`}
    ${actions.length === 0 ? nothing : html`<div class="actions">${actions}</div>`}
  </div>`
}

/** The words for a reason; one that is not known yet is told like an unlinking on the phone. */
export function unlinkedKey(reason: string | null): 'phone' | 'companion' | 'idle' | 'account' {
  return reason === 'companion' || reason === 'idle' || reason === 'account' ? reason : 'phone'
}

/** A name in a sentence, isolated: its direction and its characters change nothing around it (S28). */
export function withName(key: StringKey, name: string): TemplateResult {
  const [before, after] = text(key, { name: '\u0000' }).split('\u0000')
  return html`${before}<bdi>${name}</bdi>${after}`
}
