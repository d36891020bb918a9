from django.http import HttpResponse


def member_list(request, **kwargs):
    return HttpResponse()

def add(request, **kwargs):
    return HttpResponse()

def change_roles(request, **kwargs):
    return HttpResponse()

def remove(request, **kwargs):
    return HttpResponse()
