// Settings that Kafka has and this product does not model. A scenario that uses one is refused by name: it must not pretend.
// A text tells what to write instead. Left out: security, listeners, serializers and other settings without behaviour to model.

export type UnmodelledSettings = ReadonlyMap<string, string | undefined>;

const named = (
  names: string,
  hints: Readonly<Record<string, string>> = {},
): ReadonlyMap<string, string | undefined> =>
  new Map([
    ...names
      .trim()
      .split(/\s+/)
      .map((name) => [name, hints[name]] as const),
    ...Object.entries(hints),
  ]);

const OBSERVED =
  "metrics.sample.window.ms metrics.num.samples metrics.recording.level metric.reporters";
const WIRE =
  "bootstrap.servers client.dns.lookup send.buffer.bytes receive.buffer.bytes enable.metrics.push security.protocol interceptor.classes metadata.recovery.strategy metadata.recovery.rebootstrap.trigger.ms";

export const UNMODELLED_BROKER: UnmodelledSettings = named(
  `${OBSERVED}
  replica.socket.receive.buffer.bytes inter.broker.protocol.version
  fetch.purgatory.purge.interval.requests producer.purgatory.purge.interval.requests delete.records.purgatory.purge.interval.requests
  leader.imbalance.per.broker.percentage controlled.shutdown.max.retries controlled.shutdown.retry.backoff.ms delete.topic.enable
  auto.create.topics.enable background.threads broker.id.generation.enable reserved.broker.max.id max.request.partition.size.limit
  num.replica.alter.log.dirs.threads log.dir log.dirs log.dir.failure.timeout.ms
  log.roll.jitter.ms log.roll.jitter.hours log.preallocate log.message.format.version log.message.downconversion.enable
  log.message.timestamp.difference.max.ms log.local.retention.ms log.local.retention.bytes
  log.cleaner.threads log.cleaner.dedupe.buffer.size log.cleaner.io.buffer.size
  log.cleaner.io.buffer.load.factor log.cleaner.io.max.bytes.per.second
  log.cleaner.max.compaction.lag.ms
  metadata.log.dir metadata.log.segment.bytes metadata.log.segment.min.bytes metadata.log.segment.ms metadata.max.retention.bytes
  metadata.max.retention.ms server.max.startup.time.ms process.roles controller.quorum.voters controller.quorum.bootstrap.servers
  controller.quorum.auto.join.enable controller.listener.names listeners advertised.listeners listener.security.protocol.map
  connection.failed.authentication.delay.ms max.connection.creation.rate max.connections max.connections.per.ip
  max.connections.per.ip.overrides queued.max.request.bytes socket.listen.backlog.size socket.receive.buffer.bytes
  socket.send.buffer.bytes control.plane.listener.name early.start.listeners
  group.consumer.assignors group.consumer.heartbeat.interval.ms group.consumer.session.timeout.ms group.consumer.max.size
  group.coordinator.rebalance.protocols group.coordinator.threads
  group.share.heartbeat.interval.ms
  group.share.session.timeout.ms group.share.record.lock.duration.ms group.share.delivery.count.limit
  transaction.max.timeout.ms transaction.state.log.num.partitions transaction.state.log.replication.factor
  transaction.state.log.min.isr transaction.state.log.segment.bytes transactional.id.expiration.ms
  transaction.abort.timed.out.transaction.cleanup.interval.ms transaction.partition.verification.enable
  transaction.remove.expired.transaction.cleanup.interval.ms transaction.two.phase.commit.enable
  quota.window.num quota.window.size.seconds controller.quota.window.num controller.quota.window.size.seconds
  replication.quota.window.num replication.quota.window.size.seconds
  leader.replication.throttled.rate follower.replication.throttled.rate
  remote.log.storage.system.enable remote.log.manager.task.interval.ms
  zookeeper.connect zookeeper.connection.timeout.ms zookeeper.max.in.flight.requests zookeeper.session.timeout.ms
  zookeeper.metadata.migration.enable zookeeper.set.acl`,
  {
    "broker.id": "ids belong into cluster.brokers: [{ id: 1 }]",
    "node.id": "ids belong into cluster.brokers: [{ id: 1 }]",
    "broker.rack": "write the rack beside the broker's id: brokers: [{ id: 1, rack: az-a }]",
    "log.retention.hours": "use log.retention.ms, which may be written as 168h",
    "log.retention.minutes": "use log.retention.ms, which may be written as 90m",
    "log.roll.hours": "use log.roll.ms, which may be written as 168h",
    "eligible.leader.replicas.enable":
      "since 4.0 it is a feature: cluster.rules: { controller.eligible-leader-replicas: on }",
  },
);

export const UNMODELLED_TOPIC: UnmodelledSettings = named(
  `max.compaction.lag.ms segment.jitter.ms
  preallocate message.format.version message.downconversion.enable message.timestamp.difference.max.ms remote.storage.enable
  local.retention.ms local.retention.bytes remote.log.copy.disable remote.log.delete.on.disable
  leader.replication.throttled.replicas follower.replication.throttled.replicas`,
);

export const UNMODELLED_PRODUCER: UnmodelledSettings = named(
  `${OBSERVED} ${WIRE} key.serializer value.serializer transaction.timeout.ms transactional.id
  transaction.two.phase.commit.enable`,
);

export const UNMODELLED_CONSUMER: UnmodelledSettings = named(
  `${OBSERVED} ${WIRE} key.deserializer value.deserializer group.protocol group.remote.assignor
  exclude.internal.topics allow.auto.create.topics share.acknowledgement.mode`,
);
