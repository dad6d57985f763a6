/** One way in which users of exchange connectivity have lost money or sleep, and what stands against it here. */
export interface Lesson {
  readonly row: string;
  /** What cannot happen here, as one sentence. */
  readonly never: string;
}

const lesson = (row: string, never: string): Lesson => ({ row, never });

/** Every row, in order. A test names the rows that it proves: `[lesson 12]` in its name. */
export const LESSONS: readonly Lesson[] = [
  lesson('1', 'An order that timed out is called failed while it goes through: it is unknown until the venue has been asked.'),
  lesson('2', 'An order is sent a second time because the first answer was lost.'),
  lesson('3', 'A fault of the transport ends an order.'),
  lesson('4', 'An order is called absent because the venue did not show it yet.'),
  lesson('5', 'Exposure is forgotten while the network is away.'),
  lesson('6', 'An order is lost, doubled or guessed by a crash, wherever on its way it comes.'),
  lesson('7', 'An answer by which the venue says that it does not know is taken for a refusal, or for a reason to send again.'),
  lesson('7b', 'An order is called absent because one kind of query does not show it, however often it is asked.'),
  lesson('8', 'An order that was filled at once is called rejected because it is in no list of open orders.'),
  lesson('9', 'An order that the venue has dropped from its lists early is called rejected although it traded.'),
  lesson('10', 'A restart books fills again, or under other ids.'),
  lesson('11', 'A fill that was concluded from totals is counted beside the real one.'),
  lesson('12', 'A fill counts twice because stream, answer and query all bring it.'),
  lesson('13', 'News about an order is dropped because something it refers to is not loaded yet.'),
  lesson('14', 'A slow client misses an event and does not learn so.'),
  lesson('15', 'An order stays open for ever because its last event was lost.'),
  lesson('16', 'A fill is missed because the stream that should have brought it was otherwise healthy.'),
  lesson('17', 'Fills that happened while the connection was away are never fetched.'),
  lesson('18', 'A hole in a sequence is passed over without a word to the client.'),
  lesson('19', 'A stream counts as live after a reconnect before the venue has agreed to the subscription.'),
  lesson('20', 'A connection is never opened again because it ended in an awkward state.'),
  lesson('21', 'A connection that answers pings and brings no data counts as healthy for ever.'),
  lesson('22', 'A library of others that fails inside of itself takes the gateway down.'),
  lesson('23', 'One broken connection takes the subscriptions of the others along.'),
  lesson('24', 'A fill is lost when a subscription runs out or is rolled over.'),
  lesson('25', 'Replicas behind one address run into a ban because each believes the whole limit to be its own.'),
  lesson('26', 'Keys and processes that share a limit learn of it only by being refused again and again.'),
  lesson('27', 'A venue that asked for silence is written to before the time is over.'),
  lesson('28', 'Two accounts of one process each count a limit that they share for themselves.'),
  lesson('29', 'A clock that is wrong, is set, or stood still gets orders refused for good, or sent too late.'),
  lesson('30', 'Two processes on one key use nonces out of order and lock the key out.'),
  lesson('31', 'A book that has stood still or crossed is shown as live.'),
  lesson('32', 'A book goes on as valid after a lost update, or is never built again.'),
  lesson('33', 'A book is called wrong because digits of the venue were not kept as written.'),
  lesson('34', 'An amount loses a digit or gains an exponent on its way.'),
  lesson('35', 'Two replicas make the same id.'),
  lesson('36', 'A venue refuses an id because of its alphabet or length, or an id does not lead back to its order.'),
  lesson('37', 'A repeated request becomes a second order.'),
  lesson('38', 'A cancel is believed to have worked although the order was filled, and its position has no owner.'),
  lesson('39', 'The position after a restart is not what the fills make of it.'),
  lesson('40', 'An order stays open here for a rest that the venue has taken away.'),
  lesson('41', 'Messages of a private stream are thrown away because too many came at once.'),
  lesson('42', 'Memory grows with everything that ever happened.'),
  lesson('43', 'A change in the words of a venue makes an order or an event vanish.'),
  lesson('44', 'Practice talks to a live host, or live talks to anything else.'),
  lesson('44b', 'An error message, a log line or an answer shows a secret or a signed request.'),
  lesson('45', 'Whoever reads the database holds the keys of the accounts.'),
  lesson('46', 'An event of a venue is given to another order, or a refusal is told as a cancel.'),
  lesson('47', 'A late message takes an order back out of its end.'),
];

/** Rows of which nothing exists yet that could be tested, and with what they come. */
export const NOT_YET: Readonly<Record<string, string>> = {
  '22': 'No library of others speaks to a venue in this process. Comes with the bridge to such a library, which will run in a process of its own.',
  '30': 'No venue here numbers its requests: Binance is signed with a timestamp. Comes with Kraken, whose keys need one counter for all replicas.',
};
