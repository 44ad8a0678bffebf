/** Reports name a store by host:port where it is a Redis, and by this and the addresses of its brokers where it is a Kafka. */
export const kafkaMark = 'kafka://';

/** The same for people: `Redis host:port`, or `Kafka host:port,host:port`. */
export function storeName(store: string): string {
  return store.startsWith(kafkaMark) ? `Kafka ${store.slice(kafkaMark.length)}` : `Redis ${store}`;
}
