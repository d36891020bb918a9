from django.http import HttpResponse


def member_list(request, **kwargs):
    return HttpResponse()

def leave(request, **kwargs):
    return HttpResponse()

def change_role(request, **kwargs):
    return HttpResponse()

def spaces(request, **kwargs):
    return HttpResponse()

def remove(request, **kwargs):
    return HttpResponse()
