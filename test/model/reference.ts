/**
 * What the service must come to: a log in plain TypeScript, fed with what clients were answered. Of each account: who it
 * talks to, what it sent in which order, what it read, what it deleted, how it is called, which devices it has.
 */

/** A message that was answered `ok`. */
export interface Sent {
  id: string
  text: string
  /** In the sender's copy of the conversation. */
  seq: number
}

/** One account's side of a conversation. */
interface Side {
  sent: Map<string, Sent>
  /** The newest own `seq` that was said to be read and answered `ok`. */
  readUpTo: number
  /** Ids of messages by either side that are empty here. */
  deleted: Set<string>
  /** Of the own messages: those that were deleted for all. */
  withdrawn: Set<string>
}

/** What a device shows of one conversation; compared field by field. */
export interface View {
  peer: string
  title: string
  unread: number
  readUpTo: number
  deliveredUpTo: number
  peerReadUpTo: number
  last: string | null
  messages: { id: string; seq: number; from: string; text: string | undefined; deleted: boolean }[]
}

export class Reference {
  readonly #names = new Map<string, string>()
  readonly #devices = new Map<string, Set<string>>()
  readonly #sides = new Map<string, Side>()
  readonly #shown = new Set<string>()

  addAccount(account: string, name: string): void {
    this.#names.set(account, name)
    this.#devices.set(account, new Set())
  }

  rename(account: string, name: string): void {
    this.#names.set(account, name)
  }

  nameOf(account: string): string {
    return this.#names.get(account) ?? ''
  }

  link(account: string, device: string): void {
    this.#devices.get(account)?.add(device)
  }

  unlink(account: string, device: string): void {
    this.#devices.get(account)?.delete(device)
  }

  devicesOf(account: string): string[] {
    return [...(this.#devices.get(account) ?? [])].toSorted()
  }

  started(account: string, peer: string): void {
    this.#shown.add(key(account, peer))
  }

  sent(account: string, peer: string, message: Sent): void {
    this.#side(account, peer).sent.set(message.id, message)
    this.#shown.add(key(account, peer))
    this.#shown.add(key(peer, account))
  }

  read(account: string, peer: string, upTo: number): void {
    const side = this.#side(account, peer)
    side.readUpTo = Math.max(side.readUpTo, upTo)
  }

  deleted(account: string, peer: string, id: string, everywhere: boolean): void {
    const side = this.#side(account, peer)
    side.deleted.add(id)
    if (!everywhere) return
    side.withdrawn.add(id)
    this.#side(peer, account).deleted.add(id)
  }

  /**
   * What is wrong with a device's views of its account's conversations; empty when they are as they must be.
   * @param viewsOf - the views that a device of another account has, for the marks that its reading leaves here
   */
  faultsIn(account: string, views: readonly View[], viewsOf: (account: string) => readonly View[]): string[] {
    const faults: string[] = []
    const fault = (what: string, found: unknown, wanted: unknown): void => {
      if (JSON.stringify(found) !== JSON.stringify(wanted)) {
        faults.push(`${what}: ${JSON.stringify(found)}, wanted ${JSON.stringify(wanted)}`)
      }
    }
    const peers = [...this.#names.keys()].filter((peer) => this.#shown.has(key(account, peer))).toSorted()
    fault('conversations', views.map(({ peer }) => peer).toSorted(), peers)
    for (const view of views) {
      const { peer, messages } = view
      const mine = this.#side(account, peer)
      const theirs = this.#side(peer, account)
      const seqs = messages.map(({ seq }) => seq)
      fault(
        'order of seq',
        seqs,
        [...new Set(seqs)].toSorted((a, b) => a - b),
      )
      const own = messages.filter(({ from }) => from === 'me')
      const other = messages.filter(({ from }) => from === peer)
      fault('authors', own.length + other.length, messages.length)
      fault(
        'own messages',
        own.map(({ id, seq }) => [id, seq]),
        inOrder(mine).map(({ id, seq }) => [id, seq]),
      )
      fault(
        'messages of the peer',
        // Deleted for all while it still waited to be delivered, a message need not arrive.
        other.map(({ id }) => id).filter((id) => !theirs.withdrawn.has(id)),
        inOrder(theirs)
          .map(({ id }) => id)
          .filter((id) => !theirs.withdrawn.has(id)),
      )
      for (const { id, text, deleted } of messages) {
        const isDeleted = mine.deleted.has(id)
        fault(`message ${id}`, [deleted, text], [isDeleted, isDeleted ? undefined : textOf(id, mine, theirs)])
      }
      fault('last', view.last, messages.at(-1)?.id ?? null)
      fault('readUpTo', view.readUpTo, mine.readUpTo)
      fault('unread', view.unread, other.filter(({ seq }) => seq > view.readUpTo).length)
      fault('deliveredUpTo', view.deliveredUpTo, own.at(-1)?.seq ?? 0)
      const there = viewsOf(peer).find((candidate) => candidate.peer === account)
      const seen = new Set(there?.messages.filter(({ seq }) => seq <= there.readUpTo).map(({ id }) => id))
      fault('peer.readUpTo', view.peerReadUpTo, own.findLast(({ id }) => seen.has(id))?.seq ?? 0)
      // A peer of whom nothing came is shown as it was when the conversation began.
      if (other.length > 0 || view.peerReadUpTo > 0) fault('title', view.title, this.nameOf(peer))
    }
    return faults
  }

  #side(account: string, peer: string): Side {
    const known = this.#sides.get(key(account, peer))
    if (known !== undefined) return known
    const side: Side = { sent: new Map(), readUpTo: 0, deleted: new Set(), withdrawn: new Set() }
    this.#sides.set(key(account, peer), side)
    return side
  }
}

function key(account: string, peer: string): string {
  return `${account} ${peer}`
}

function inOrder(side: Side): Sent[] {
  return [...side.sent.values()].toSorted((a, b) => a.seq - b.seq)
}

function textOf(id: string, mine: Side, theirs: Side): string | undefined {
  return mine.sent.get(id)?.text ?? theirs.sent.get(id)?.text
}
