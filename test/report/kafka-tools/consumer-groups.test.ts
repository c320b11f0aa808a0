// Exact output of kafka-consumer-groups.sh. The strings of release 4.1 were printed by the tool of Kafka 4.1.0 from the same data.
import { describe, expect, it } from "vitest";
import type { Partition } from "../../../src/report/kafka-tools/columns.ts";
import type { GroupDescription } from "../../../src/report/kafka-tools/group-descriptions.ts";
import { describeGroupMembers } from "../../../src/report/kafka-tools/group-members.ts";
import {
  describeGroupOffsets,
  groupOffsets,
} from "../../../src/report/kafka-tools/group-offsets.ts";
import { describeGroupStates, listGroups } from "../../../src/report/kafka-tools/group-states.ts";
import { exportedOffsets, resetOffsets } from "../../../src/report/kafka-tools/reset-offsets.ts";

const lines = (...text: string[]): string => `\n${text.map((line) => `${line}\n`).join("")}`;
const p = (topic: string, partition: number): Partition => ({ topic, partition });

const member1 = {
  consumerId: "consumer-my-group-1-9a1c",
  clientId: "consumer-my-group-1",
  host: "/10.0.0.11",
  assignment: [p("orders", 1), p("orders", 0), p("b", 12)],
};
const member2 = { consumerId: "c2", clientId: "c2", host: "/10.0.0.12", assignment: [] };
const group: GroupDescription = {
  groupId: "my-group",
  state: "Stable",
  coordinator: { id: 1, host: "localhost", port: 9092 },
  assignmentStrategy: "range",
  members: [member1, member2],
};
const without = (state: GroupDescription["state"]): GroupDescription => ({
  ...group,
  state,
  members: [],
});

describe("--describe", () => {
  const reader = { ...member1, clientId: "consumer-my-group-1" };
  const who = { consumerId: reader.consumerId, host: reader.host, clientId: reader.clientId };
  const nobody = { consumerId: undefined, host: undefined, clientId: undefined };
  const offsets = {
    groupId: "my-group",
    state: "Stable",
    rows: [
      { ...p("orders", 0), currentOffset: 120, leaderEpoch: 3, logEndOffset: 150, ...who },
      {
        ...p("a-topic-with-a-long-name", 12),
        ...{ currentOffset: undefined, leaderEpoch: undefined, logEndOffset: 7, ...who },
      },
      {
        ...p("orders", 1),
        ...{ currentOffset: 1234567890123, leaderEpoch: undefined, logEndOffset: undefined },
        ...nobody,
      },
    ],
  } as const;

  it("prints offsets and lag, with a dash for what is not known", () => {
    expect(describeGroupOffsets([offsets])).toEqual({
      stdout: lines(
        "GROUP           TOPIC                    PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID              HOST            CLIENT-ID",
        "my-group        orders                   0          120             150             30              consumer-my-group-1-9a1c /10.0.0.11      consumer-my-group-1",
        "my-group        a-topic-with-a-long-name 12         -               7               -               consumer-my-group-1-9a1c /10.0.0.11      consumer-my-group-1",
        "my-group        orders                   1          1234567890123   -               -               -                        -               -",
      ),
      stderr: "",
    });
  });

  it("adds the leader epoch with --verbose, since 4.0", () => {
    const { stdout } = describeGroupOffsets([offsets], { verbose: true });
    expect(stdout.split("\n").slice(1, 3)).toEqual([
      "GROUP           TOPIC                    PARTITION  LEADER-EPOCH    CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID              HOST            CLIENT-ID",
      "my-group        orders                   0          3               120             150             30              consumer-my-group-1-9a1c /10.0.0.11      consumer-my-group-1",
    ]);
    const old = describeGroupOffsets([offsets], { verbose: true, release: "3.9" });
    expect(old).toEqual(describeGroupOffsets([offsets]));
  });

  it("says that nobody is active, that the group is rebalancing or not there", () => {
    const about = (state: GroupDescription["state"]) =>
      describeGroupOffsets([{ groupId: "my-group", state, rows: [] }]);
    expect(about("Stable")).toEqual({ stdout: "", stderr: "" });
    expect(about("Empty")).toEqual({
      stdout: "",
      stderr: "\nConsumer group 'my-group' has no active members.\n",
    });
    expect(about("PreparingRebalance")).toEqual({
      stdout: "",
      stderr: "\nWarning: Consumer group 'my-group' is rebalancing.\n",
    });
    expect(about("Dead")).toEqual({
      stdout: "\nError: Consumer group 'my-group' does not exist.\n",
      stderr: "",
    });
  });

  it("prints groups by id, each after an empty line", () => {
    const { stdout } = describeGroupOffsets([
      { ...offsets, groupId: "b" },
      { ...offsets, groupId: "a" },
    ]);
    expect(stdout.match(/^\w+ {2,}orders +0 /gm)?.map((line) => line[0])).toEqual(["a", "b"]);
    expect(stdout).toMatch(/\n\nGROUP/);
  });
});

describe("rows of --describe", () => {
  const six = Array.from({ length: 6 }, (_, i) => p("payments", i));
  const committed = six.map((partition) => ({ ...partition, offset: 10 * partition.partition }));
  const rowsOf = (assignments: readonly (readonly Partition[])[], release: "3.7" | "4.1") =>
    groupOffsets(
      {
        ...group,
        members: assignments.map((assignment, i) => ({
          ...member2,
          consumerId: `c${i}`,
          assignment,
        })),
      },
      committed,
      () => 100,
      release,
    ).rows.map((row) => `${row.consumerId ?? "-"}:${row.partition}`);

  it("lists members with most partitions first, then offsets without a reader", () => {
    expect(rowsOf([[p("payments", 0)], [], [p("payments", 3), p("payments", 1)]], "3.7")).toEqual([
      ...["c2:1", "c2:3", "c0:0", "-:2", "-:4", "-:5"],
    ]);
  });

  it("lists a member's partitions in the order of a HashMap, since 3.8", () => {
    expect(rowsOf([six], "4.1")).toEqual([4, 3, 5, 0, 2, 1].map((partition) => `c0:${partition}`));
  });

  it("has no current offset where nothing is committed", () => {
    const [row] = groupOffsets(
      { ...group, members: [{ ...member2, assignment: [p("new", 0)] }] },
      [],
      () => 5,
    ).rows;
    expect(row).toMatchObject({ currentOffset: undefined, logEndOffset: 5, consumerId: "c2" });
  });
});

describe("--describe --members", () => {
  it("prints how many partitions each member has, with a space at the end", () => {
    expect(describeGroupMembers([group]).stdout).toBe(
      lines(
        "GROUP           CONSUMER-ID              HOST            CLIENT-ID           #PARTITIONS     ",
        "my-group        consumer-my-group-1-9a1c /10.0.0.11      consumer-my-group-1 3               ",
        "my-group        c2                       /10.0.0.12      c2                  0               ",
      ),
    );
  });

  it("adds a column when a member is static", () => {
    const members = [{ ...member1, groupInstanceId: "instance-1" }, member2];
    expect(describeGroupMembers([{ ...group, members }]).stdout).toBe(
      lines(
        "GROUP           CONSUMER-ID              GROUP-INSTANCE-ID HOST            CLIENT-ID           #PARTITIONS     ",
        "my-group        consumer-my-group-1-9a1c instance-1        /10.0.0.11      consumer-my-group-1 3               ",
        "my-group        c2                                         /10.0.0.12      c2                  0               ",
      ),
    );
  });

  it("--verbose shows epochs and assignments, since 4.0", () => {
    expect(describeGroupMembers([group], { verbose: true }).stdout).toBe(
      lines(
        "GROUP           CONSUMER-ID              HOST            CLIENT-ID           #PARTITIONS     CURRENT-EPOCH   CURRENT-ASSIGNMENT   TARGET-EPOCH    TARGET-ASSIGNMENT   ",
        "my-group        consumer-my-group-1-9a1c /10.0.0.11      consumer-my-group-1 3               -               b:12;orders:0,1      -               -                   ",
        "my-group        c2                       /10.0.0.12      c2                  0               -               -                    -               -                   ",
      ),
    );
  });

  it("--verbose shows who still uses the classic protocol while a group migrates", () => {
    const members = [
      {
        ...member1,
        ...{ groupInstanceId: "instance-1", memberEpoch: 5, upgraded: true },
        targetAssignment: [p("orders", 0)],
      },
      { ...member2, memberEpoch: 4, upgraded: false },
    ];
    const { stdout } = describeGroupMembers([{ ...group, members, targetAssignmentEpoch: 6 }], {
      verbose: true,
    });
    expect(stdout).toBe(
      lines(
        "GROUP           CONSUMER-ID              GROUP-INSTANCE-ID HOST            CLIENT-ID           #PARTITIONS     CURRENT-EPOCH   CURRENT-ASSIGNMENT   TARGET-EPOCH    TARGET-ASSIGNMENT    UPGRADED",
        "my-group        consumer-my-group-1-9a1c instance-1        /10.0.0.11      consumer-my-group-1 3               5               b:12;orders:0,1      6               orders:0             true",
        "my-group        c2                                         /10.0.0.12      c2                  0               4               -                    6               -                    false",
      ),
    );
  });

  it("--verbose printed topics until 3.7, and only numbers, sorted as text, in 3.8 and 3.9", () => {
    const assignment = [p("orders", 10), p("orders", 9), p("b", 12)];
    const ends = (release: "3.7" | "3.8") =>
      describeGroupMembers([{ ...group, members: [{ ...member1, assignment }, member2] }], {
        verbose: true,
        release,
      })
        .stdout.split("\n")
        .slice(1, 4)
        .map((line) => line.slice(93));
    expect(ends("3.7")).toEqual(["ASSIGNMENT", "b(12), orders(9,10)", "-"]);
    expect(ends("3.8")).toEqual(["ASSIGNMENT", "(10,9), (12)", "-"]);
  });

  it("prints a heading even for a group without members, since 3.8", () => {
    const stderr = "\nConsumer group 'my-group' has no active members.\n";
    expect(describeGroupMembers([without("Empty")], { verbose: true })).toEqual({
      stdout: lines(
        "GROUP           CONSUMER-ID     HOST            CLIENT-ID       #PARTITIONS     CURRENT-EPOCH   CURRENT-ASSIGNMENT   TARGET-EPOCH    TARGET-ASSIGNMENT   ",
      ),
      stderr,
    });
    expect(describeGroupMembers([without("Empty")], { release: "3.7" })).toEqual({
      stdout: "",
      stderr,
    });
  });
});

describe("--describe --state", () => {
  it("prints coordinator, strategy and number of members", () => {
    expect(describeGroupStates([group]).stdout).toBe(
      lines(
        "GROUP           COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE                #MEMBERS",
        "my-group        localhost:9092  (1)       range                Stable               2",
      ),
    );
  });

  it("--verbose shows the group's epochs, since 4.0", () => {
    const epochs = { groupEpoch: 7, targetAssignmentEpoch: 6 };
    expect(describeGroupStates([{ ...group, ...epochs }], { verbose: true }).stdout).toBe(
      lines(
        "GROUP           COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE                GROUP-EPOCH     TARGET-ASSIGNMENT-EPOCH   #MEMBERS",
        "my-group        localhost:9092  (1)       range                Stable               7               6                         2",
      ),
    );
  });

  it("gave the group the coordinator's width before 4.0, and one space before the id before 3.8", () => {
    expect(describeGroupStates([group], { release: "3.9" }).stdout).toBe(
      lines(
        "GROUP                     COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE           #MEMBERS",
        "my-group                  localhost:9092  (1)       range                Stable          2",
      ),
    );
    expect(describeGroupStates([group], { release: "3.7" }).stdout).toContain("9092 (1) ");
  });

  it("prints an Empty group too, without a strategy", () => {
    expect(describeGroupStates([{ ...without("Empty"), assignmentStrategy: "" }])).toEqual({
      stdout: lines(
        "GROUP           COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE                #MEMBERS",
        "my-group        localhost:9092  (1)       -                    Empty                0",
      ),
      stderr: "\nConsumer group 'my-group' has no active members.\n",
    });
  });
});

describe("--list", () => {
  const groups = [
    { groupId: "my-group", state: "Stable", type: "classic" },
    { groupId: "a-group-with-a-long-name", state: "Empty", type: "consumer" },
  ] as const;

  it("prints one id a line", () => {
    expect(listGroups(groups)).toBe("my-group\na-group-with-a-long-name\n");
    expect(listGroups([])).toBe("");
  });

  it("adds padded columns for the type and the state", () => {
    expect(listGroups(groups, { state: true, type: true })).toBe(
      [
        "GROUP                              TYPE                 STATE               \n",
        "my-group                           classic              Stable              \n",
        "a-group-with-a-long-name           consumer             Empty               \n",
      ].join(""),
    );
    expect(listGroups(groups, { state: true, release: "3.7" })).toBe(
      [
        "GROUP                    STATE\n",
        "my-group                 Stable\n",
        "a-group-with-a-long-name Empty\n",
      ].join(""),
    );
  });
});

describe("--reset-offsets", () => {
  it("prints the new offsets in the order of a HashMap, and ends with a line break", () => {
    const offsets = [0, 1, 2].map((partition) => ({ ...p("payments", partition), newOffset: 40 }));
    expect(resetOffsets([{ groupId: "my-group", state: "Empty", offsets }])).toBe(
      lines(
        "GROUP                          TOPIC                          PARTITION  NEW-OFFSET     ",
        ...[0, 2, 1].map(
          (partition) =>
            `my-group                       payments                       ${partition}          40             `,
        ),
      ),
    );
  });

  it("is one line where Kafka's printf had lost its line breaks, and nothing at all for no group", () => {
    const offsets = [{ ...p("payments", 0), newOffset: 40 }];
    const group = { groupId: "my-group", state: "Empty", offsets } as const;
    const heading =
      "GROUP                          TOPIC                          PARTITION  NEW-OFFSET     ";
    const row =
      "my-group                       payments                       0          40             ";
    expect(resetOffsets([group], "3.9")).toBe(`\n${heading}${row}`);
    expect(resetOffsets([group], "3.7")).toBe(`\n${heading}\n${row}\n`);
    expect([resetOffsets([], "4.1"), resetOffsets([], "3.9"), resetOffsets([], "3.7")]).toEqual([
      "\n",
      "",
      "",
    ]);
  });

  it("exports as Jackson writes CSV: quotes where a text is long or has one of the first characters", () => {
    const groups = [
      { groupId: "a b", state: "Empty", offsets: [{ ...p("payments", 0), newOffset: 40 }] },
      {
        groupId: "x",
        state: "Dead",
        offsets: [{ ...p("twenty-five-characters-25", 1), newOffset: 0 }],
      },
    ] as const;
    expect(exportedOffsets(groups, false)).toBe(
      '"a b",payments,0,40\nx,"twenty-five-characters-25",1,0\n\n',
    );
    expect(exportedOffsets(groups.slice(0, 1), true)).toBe("payments,0,40\n\n");
  });

  it("refuses while the group is active, and still prints the heading", () => {
    expect(resetOffsets([{ groupId: "my-group", state: "Stable", offsets: [] }])).toBe(
      "\nError: Assignments can only be reset if the group 'my-group' is inactive, but the current state is Stable.\n" +
        lines(
          "GROUP                          TOPIC                          PARTITION  NEW-OFFSET     ",
        ),
    );
  });
});
