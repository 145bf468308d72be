"""The words of a case's life: statuses, actions, and what people call them."""

from enum import StrEnum


class Status(StrEnum):
    SUBMITTED = "submitted"
    VERIFYING = "verifying"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    SUSPENDED = "suspended"
    RESOLVED = "resolved"
    CLOSED = "closed"
    TRANSFERRED = "transferred"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


STATUS_LABELS = {
    Status.SUBMITTED: "待受理",
    Status.VERIFYING: "核实中",
    Status.ASSIGNED: "待签收",
    Status.IN_PROGRESS: "处置中",
    Status.SUSPENDED: "挂账",
    Status.RESOLVED: "待核查",
    Status.CLOSED: "已结案",
    Status.TRANSFERRED: "已转办",
    Status.REJECTED: "不予立案",
    Status.WITHDRAWN: "已撤回",
    Status.MERGED: "已并案",
}
FINAL = frozenset({Status.CLOSED, Status.REJECTED, Status.WITHDRAWN, Status.MERGED})
OPEN_STATUSES = frozenset(Status) - FINAL


class Action(StrEnum):
    SUBMIT = "submit"
    SELF_HANDLE = "self_handle"
    SCREEN = "screen"
    JOIN = "join"
    ACCEPT = "accept"
    REJECT = "reject"
    ASK_REPORTER = "ask_reporter"
    ANSWER = "answer"
    STOP_WAITING = "stop_waiting"
    ASK_VERIFICATION = "ask_verification"
    VERIFY = "verify"
    HAND_OVER = "hand_over"
    START = "start"
    DELEGATE = "delegate"
    HAND_BACK = "hand_back"
    REASSIGN = "reassign"
    RECATEGORISE = "recategorise"
    RELOCATE = "relocate"
    UNPLACE = "unplace"
    CONTROL = "control"
    ASK_EXTENSION = "ask_extension"
    GRANT_EXTENSION = "grant_extension"
    REFUSE_EXTENSION = "refuse_extension"
    ASK_SUSPENSION = "ask_suspension"
    GRANT_SUSPENSION = "grant_suspension"
    REFUSE_SUSPENSION = "refuse_suspension"
    RESUME = "resume"
    TRANSFER_OUT = "transfer_out"
    TRANSFER_BACK = "transfer_back"
    RESOLVE = "resolve"
    PASS = "pass"  # noqa: S105  (an action, not a secret)
    REWORK = "rework"
    FEEDBACK = "feedback"
    CALL_BACK = "call_back"
    INSPECT = "inspect"
    APPEAL = "appeal"
    UPHOLD = "uphold"
    DISMISS = "dismiss"
    REOPEN = "reopen"
    MERGE = "merge"
    TAKE_IN = "take_in"
    WITHDRAW = "withdraw"
    URGE = "urge"
    SUPPLEMENT = "supplement"
    PARAPHRASE = "paraphrase"
    REMARK = "remark"
    SUPERVISE = "supervise"
    ANSWER_ORDER = "answer_order"
    RELEASE_CONTENT = "release_content"
    REFUSE_CONTENT = "refuse_content"


ACTION_LABELS = {
    Action.SUBMIT: "上报",
    Action.SELF_HANDLE: "自办",
    Action.SCREEN: "自动分派",
    Action.JOIN: "我也遇到",
    Action.ACCEPT: "立案",
    Action.REJECT: "不予立案",
    Action.ASK_REPORTER: "请市民补充",
    Action.ANSWER: "市民答复",
    Action.STOP_WAITING: "等待补充到期",
    Action.ASK_VERIFICATION: "派网格员核实",
    Action.VERIFY: "核实",
    Action.HAND_OVER: "交接",
    Action.START: "签收",
    Action.DELEGATE: "二级派遣",
    Action.HAND_BACK: "退回",
    Action.REASSIGN: "改派",
    Action.RECATEGORISE: "更正类别",
    Action.RELOCATE: "更正位置",
    Action.UNPLACE: "网格调整退回",
    Action.CONTROL: "先期处置",
    Action.ASK_EXTENSION: "申请延期",
    Action.GRANT_EXTENSION: "同意延期",
    Action.REFUSE_EXTENSION: "不同意延期",
    Action.ASK_SUSPENSION: "申请挂账",
    Action.GRANT_SUSPENSION: "同意挂账",
    Action.REFUSE_SUSPENSION: "不同意挂账",
    Action.RESUME: "恢复处置",
    Action.TRANSFER_OUT: "转办",
    Action.TRANSFER_BACK: "转办回复",
    Action.RESOLVE: "处置完成",
    Action.PASS: "核查通过",
    Action.REWORK: "返工",
    Action.FEEDBACK: "市民评价",
    Action.CALL_BACK: "回访",
    Action.INSPECT: "抽查",
    Action.APPEAL: "申诉",
    Action.UPHOLD: "申诉成立",
    Action.DISMISS: "申诉不成立",
    Action.REOPEN: "重新办理",
    Action.MERGE: "并案",
    Action.TAKE_IN: "并入",
    Action.WITHDRAW: "撤回",
    Action.URGE: "催办",
    Action.SUPPLEMENT: "补充",
    Action.PARAPHRASE: "代述",
    Action.REMARK: "批注",
    Action.SUPERVISE: "督办",
    Action.ANSWER_ORDER: "督办回复",
    Action.RELEASE_CONTENT: "放行公开",
    Action.REFUSE_CONTENT: "不予公开",
}
